"""The stages that the steps of the pipeline call. They do not import each other, and exchange values of `model`.

load/      files to an environment                plan/       observations to a plan
render/    templates to manifests                 apply.py    the plan to the cluster
overlaps   objects that several environments have secrets.py  Secret references compared with the record
validate/  findings on manifests and sources      advance.py  the next record
observe/   what a cluster has, and would store    record.py   reads and writes the record
                                                  verdict.py  exit codes
"""
