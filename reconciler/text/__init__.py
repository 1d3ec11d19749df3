"""What texts hold, and how they are shown.

yaml/         strict YAML with the position of every node
lines         which source lines may appear in a report
caret         a source line with carets under the marked text
printable     text on which a terminal does not act
addresses     objects by what a command line names
suggest       suggestions for misspelled names
urls          base URLs, as Go and the operators read them
header_names  headers whose values a report may show
certificates  when certificates expire
credentials   credentials in a text, by their shape
entropy       random text or written text
keylike       words that look like a key
said_keys     keys in sentences about them
inner_values  the secrets inside a secret value
foreign       masks what looks like a secret in a text of others
"""
