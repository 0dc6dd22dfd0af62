"""What names of folders say against a guess at the cluster of an object.

They never choose a cluster. A collection of samples has folders for several clouds and
often declares a cluster in one of them only: what lies under `azure/` is not for the GKE
cluster under `google-cloud/`, and what lies beside both may be for any cluster. Tests
apply their objects to clusters of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Thing

#: Words in the names of folders for what goes to one cloud.
_WORDS = {
    "aws": "aws", "eks": "aws", "gcp": "gcp", "gke": "gcp", "google": "gcp",
    "azure": "azure", "aks": "azure", "oci": "oci", "oke": "oci", "oracle": "oci",
    "alibaba": "alibaba", "coreweave": "coreweave", "nebius": "nebius",
}  # fmt: skip
#: Folders of what is applied to clusters that tests make for themselves.
_TESTS = frozenset({"test", "tests", "testing", "testdata", "e2e", "fixtures"})
_BETWEEN = regex(r"[^a-z0-9]+")
_MOST_FOLDERS = 40


class Folders:
    """The folders of a scan that are named after clouds.

    `objects` are the paths of files with Kubernetes objects: a folder `gcp/` of
    buckets alone, beside `aws/` with the cluster, says nothing against it.
    """

    def __init__(self, objects: Iterable[str]) -> None:
        self._clouds = _clouds(objects)
        self._own: dict[str, str] = {}

    def doubt(self, path: str, cluster: Thing) -> str:
        """Why a file may not be for a cluster; "" for no reason to think so."""
        tests = _tests(path)
        if tests and not _tests(cluster.span.path):
            return (
                f"it lies in a folder of tests ({tests}/), which this cluster does not"
            )
        own, cloud = cluster.provider, folder_cloud(path)
        if cloud == own:
            return ""
        if cloud:
            return f"its folder is named after {cloud}, and this cluster is of {own}"
        folder = self._around(cluster)
        if not folder or path.startswith(f"{folder}/"):
            return ""
        return f"it lies outside {folder}, beside which are objects for other clouds"

    def _around(self, cluster: Thing) -> str:
        """The folder of a cluster's cloud that has siblings for others, or ""."""
        path = cluster.span.path
        if path not in self._own:
            self._own[path] = self._found(path, cluster.provider)
        return self._own[path]

    def _found(self, path: str, own: str) -> str:
        folders = path.split("/")[:-1][:_MOST_FOLDERS]
        for depth, name in enumerate(folders):
            around = "/".join(folders[:depth])
            if _cloud_of(name) == own and self._clouds.get(around, set()) - {own}:
                return "/".join(folders[: depth + 1])
        return ""


def _clouds(paths: Iterable[str]) -> dict[str, set[str]]:
    """By folder, the clouds after which folders in it are named that hold these files."""
    found: dict[str, set[str]] = {}
    for path in dict.fromkeys(paths):
        folders = path.split("/")[:-1][:_MOST_FOLDERS]
        for depth, name in enumerate(folders):
            cloud = _cloud_of(name)
            if cloud:
                found.setdefault("/".join(folders[:depth]), set()).add(cloud)
    return found


def _tests(path: str) -> str:
    """The name of a folder of tests that a path goes through, or ""."""
    folders = path.lower().split("/")[:-1][:_MOST_FOLDERS]
    return next((folder for folder in folders if folder in _TESTS), "")


def folder_cloud(path: str) -> str:
    """The cloud that the innermost such folder of a path is named after, or ""."""
    for folder in reversed(path.split("/")[:-1][-_MOST_FOLDERS:]):
        if _words(folder):
            return _cloud_of(folder)
    return ""


def _cloud_of(folder: str) -> str:
    found = _words(folder)
    return found.pop() if len(found) == 1 else ""


def _words(folder: str) -> set[str]:
    words = _BETWEEN.split(folder.lower()[:200])
    return {_WORDS[word] for word in words if word in _WORDS}
