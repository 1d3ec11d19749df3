"""What leaves the program, and how: cleaned of secrets, to files, stdout and services.

redaction      a run without secrets
output         reports to files and stdout
links          no writing through links of the repository
deliveries     every place of the options, once the reports are written
push, otlp     metrics to a Pushgateway, a collector
report_branch  reports on a branch of git
"""
