"""As which role what runs on AWS acts."""

from __future__ import annotations

import pytest
from cluster_estates import edges, estate_of

ROLE = """
resource "aws_iam_role" "runner" {
  name = "runner"
}
resource "aws_iam_role" "agent" {
  name = "agent"
}
"""
TASK = """
resource "aws_ecs_task_definition" "t" {{
  family                = "t"
  execution_role_arn    = aws_iam_role.agent.arn
  container_definitions = jsonencode([{{ name = "t", image = "t" }}])
  {}
}}
"""
BATCH = """
resource "aws_batch_job_definition" "t" {{
  name = "t"
  type = "container"
  {}
}}
"""
LAMBDA = """
resource "aws_lambda_function" "t" {{
  function_name = "t"
  role          = {}
  vpc_config {{
    subnet_ids         = ["subnet-0a"]
    security_group_ids = []
  }}
}}
"""


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (TASK.format("task_role_arn = aws_iam_role.runner.arn"), ["aws_iam_role.runner"]),
        # the execution role is the agent's, not the task's
        (TASK.format(""), []),
        (
            TASK.format('task_role_arn = "arn:aws:iam::111122223333:role/runner"'),
            ["aws_iam_role.runner"],
        ),
        (LAMBDA.format("aws_iam_role.runner.arn"), ["aws_iam_role.runner"]),
        (
            BATCH.format(
                'container_properties = jsonencode({ image = "t", '
                "jobRoleArn = aws_iam_role.runner.arn })"
            ),
            ["aws_iam_role.runner"],
        ),
        (
            BATCH.format(
                'node_properties = jsonencode({ nodeRangeProperties = [{ container = '
                '{ image = "t", jobRoleArn = aws_iam_role.runner.arn } }] })'
            ),
            ["aws_iam_role.runner"],
        ),
        (BATCH.format('container_properties = jsonencode({ image = "t" })'), []),
    ],
)  # fmt: skip
def test_a_task_or_function_acts_as_the_role_it_names(tmp_path, text, roles):
    estate = estate_of(tmp_path, {"main.tf": ROLE + text})
    acting = [target for _, target, certain in edges(estate, "runs as") if certain]
    assert acting == roles
