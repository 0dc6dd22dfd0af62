"""Which files a reader may want, by name, and which trees are not the repository's own."""

from __future__ import annotations

#: Folders whose files are not the repository's own, with the reason they count under.
EXCLUDED_FOLDERS = {
    ".git": "git",
    ".hg": "history",
    ".svn": "history",
    ".terraform": "terraform-cache",
    ".terragrunt-cache": "terraform-cache",
    ".tox": "virtual-environment",
    ".nox": "virtual-environment",
    "__pycache__": "cache",
    ".mypy_cache": "cache",
    ".ruff_cache": "cache",
    ".pytest_cache": "cache",
    "node_modules": "node_modules",
    "bower_components": "node_modules",
    "site-packages": "virtual-environment",
    "third_party": "vendored",
    "vendor": "vendored",
}

#: A folder with this file is a virtual environment, whatever its name; these folders in
#: it hold what was installed.
VENV_MARK = "pyvenv.cfg"
VENV_FOLDERS = frozenset(
    {"bin", "etc", "include", "Include", "lib", "Lib", "lib64", "Scripts", "share"}
)

#: Whole names that some reader wants.
_NAMES = frozenset(
    {
        ".dvcignore",
        ".env",
        ".envrc",
        ".netrc",
        ".pypirc",
        ".sky.yaml",
        ".terraform.lock.hcl",
        "Chart.lock",
        "Dockerfile",
        "Containerfile",
        "GNUmakefile",
        "MLproject",
        "Makefile",
        "Pipfile",
        "Pipfile.lock",
        "Pulumi.yaml",
        "env_vars",
        "envvars",
        "kustomization",
        "Kustomization",
        "makefile",
        "netrc",
        "pip.conf",
        "poetry.lock",
        "pyproject.toml",
        "uv.lock",
    }
)

#: Endings that some reader wants, longest first where they overlap.
_ENDINGS = (
    ".tf",
    ".tf.json",
    ".tofu",
    ".tfvars",
    ".tfvars.json",
    ".tftest.hcl",
    ".hcl",
    ".yaml",
    ".yml",
    ".yaml-template",
    ".yml-template",
    ".yaml.template",
    ".yml.template",
    ".json",
    ".jsonc",
    ".tpl",
    ".tftpl",
    ".tmpl",
    ".gotmpl",
    ".j2",
    ".jinja",
    ".jinja2",
    ".sh",
    ".bash",
    ".zsh",
    ".ksh",
    ".sbatch",
    ".srun",
    ".submit",
    ".lsf",
    ".slurm",
    ".slrm",
    ".job",
    ".sub",
    ".pbs",
    ".dvc",
    ".env",
    ".bicep",
    ".toml",
    ".dockerfile",
    ".mk",
)


def is_relevant(path: str) -> bool:
    """Whether a reader may want a file of that name."""
    name = path.rsplit("/", 1)[-1]
    lower = name.lower()
    return (
        name in _NAMES
        or lower.endswith(_ENDINGS)
        or lower.startswith(("dockerfile.", "containerfile.", ".env."))
        or name == "CODEOWNERS"
        or (lower.startswith("requirements") and lower.endswith((".txt", ".in")))
        or path.endswith((".dvc/config", ".dvc/config.local"))
    )


def excluded_by(path: str) -> str | None:
    """The reason for which a path lies in a tree that is not the repository's own."""
    if path.count("/") == 0:
        return None
    for part in path.split("/")[:-1]:
        if part in EXCLUDED_FOLDERS:
            return EXCLUDED_FOLDERS[part]
    return None
