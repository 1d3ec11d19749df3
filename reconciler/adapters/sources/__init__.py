"""Reads configuration files from the working tree, or from one commit of a git repository.

worktree           the files on disk; its commit is in `provenance`
git_revision       one commit of a clone, by its objects (`git`, `private_git`, `clone_files`, `verified_objects`)
ancestry           which commits are in the history of another
remote             one commit of a repository by URL (`remote_repository`, the credentials in `access`, `bounded`)
signatures         whose commits may be read
report_branch      a branch that holds reports
named              the files that a command line names; `environment_paths` are none of these
paths              what all of them refuse
"""
