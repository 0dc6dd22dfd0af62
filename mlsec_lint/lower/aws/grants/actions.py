"""Which actions of AWS lead to weights, by what they give. Dated 2026-11.

From the service authorization reference; the tables of managed policies are cut to
them (policies/data/aws_managed_policies.json).
"""

from __future__ import annotations

from typing import NamedTuple


class Needed(NamedTuple):
    """What one verb takes on one sort of resource: any of `actions` is enough.

    `inner` is what is appended to the ARN of the resource for what the action is about
    ("/" for an object of a bucket), "" for the resource itself.
    """

    verb: str
    actions: tuple[str, ...]
    inner: bool = False


#: Service in an ARN -> what each verb takes there.
BY_SERVICE: dict[str, tuple[Needed, ...]] = {
    "s3": (
        Needed("may read", ("s3:GetObject", "s3:GetObjectVersion"), inner=True),
        Needed("may write", ("s3:PutObject", "s3:ReplicateObject"), inner=True),
        Needed("may open", ("s3:PutObjectAcl",), inner=True),
        Needed("may open", ("s3:PutBucketPolicy", "s3:PutBucketAcl")),
    ),
    # Directory buckets: a session reads and writes, and no action of s3: counts there.
    "s3express": (
        Needed("may read", ("s3express:CreateSession",)),
        Needed("may write", ("s3express:CreateSession",)),
        Needed("may open", ("s3express:PutBucketPolicy",)),
    ),
    "ecr": (
        Needed("may read", ("ecr:BatchGetImage",)),
        Needed("may write", ("ecr:PutImage",)),
        Needed("may open", ("ecr:SetRepositoryPolicy",)),
    ),
    "elasticfilesystem": (
        Needed("may read", ("elasticfilesystem:ClientMount",)),
        Needed("may write", ("elasticfilesystem:ClientWrite",)),
        Needed("may open", ("elasticfilesystem:PutFileSystemPolicy",)),
    ),
    "ec2": (
        Needed("may read", ("ebs:GetSnapshotBlock",)),
        Needed("may open", ("ec2:ModifySnapshotAttribute",)),
    ),
}

ASSUME = "sts:AssumeRole"
ASSUME_WEB = "sts:AssumeRoleWithWebIdentity"
ASSUME_SAML = "sts:AssumeRoleWithSAML"
PASS_ROLE = "iam:PassRole"  # noqa: S105
#: Rewriting who may assume a role, or what it may, is taking it.
TAKE_OVER = ("iam:UpdateAssumeRolePolicy",)
#: Service that a role is passed to -> actions that start work of one's own as it.
STARTS: dict[str, tuple[str, ...]] = {
    "sagemaker.amazonaws.com": (
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreateModel",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:CreateAutoMLJobV2",
        "sagemaker:CreatePipeline",
        "sagemaker:CreateUserProfile",
        "sagemaker:CreateDomain",
        "sagemaker:CreateCluster",
    ),
    "ec2.amazonaws.com": (
        "ec2:RunInstances",
        "ec2:AssociateIamInstanceProfile",
        "ec2:ReplaceIamInstanceProfileAssociation",
        "ec2:RequestSpotInstances",
    ),
    "lambda.amazonaws.com": (
        "lambda:CreateFunction",
        "lambda:UpdateFunctionConfiguration",
    ),
    "batch.amazonaws.com": ("batch:RegisterJobDefinition",),
    "ecs-tasks.amazonaws.com": (
        "ecs:RegisterTaskDefinition",
        "ecs:RunTask",
        "batch:RegisterJobDefinition",
    ),
    "glue.amazonaws.com": ("glue:CreateJob", "glue:CreateSession", "glue:UpdateJob"),
    "pods.eks.amazonaws.com": ("eks:CreatePodIdentityAssociation",),
    "codebuild.amazonaws.com": ("codebuild:CreateProject", "codebuild:UpdateProject"),
    "cloudformation.amazonaws.com": ("cloudformation:CreateStack",),
    "states.amazonaws.com": ("states:CreateStateMachine",),
    "elasticmapreduce.amazonaws.com": ("elasticmapreduce:RunJobFlow",),
    "emr-serverless.amazonaws.com": ("emr-serverless:StartJobRun",),
    "bedrock.amazonaws.com": ("bedrock:CreateModelCustomizationJob",),
    "datapipeline.amazonaws.com": ("datapipeline:CreatePipeline",),
}
KMS = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:PutKeyPolicy")
ENTER = (
    "ssm:StartSession",
    "ssm:SendCommand",
    "ecs:ExecuteCommand",
    "ec2-instance-connect:SendSSHPublicKey",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:CreatePresignedDomainUrl",
)


def watched() -> tuple[str, ...]:
    """Every action that anything here asks about, in order, each once."""
    stores = [a for needs in BY_SERVICE.values() for n in needs for a in n.actions]
    starts = [action for actions in STARTS.values() for action in actions]
    others = (ASSUME, ASSUME_WEB, ASSUME_SAML, PASS_ROLE, *TAKE_OVER, *KMS, *ENTER)
    return tuple(dict.fromkeys([*stores, *starts, *others]))
