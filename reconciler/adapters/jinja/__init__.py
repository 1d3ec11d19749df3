"""Jinja2 in a child process: `renderer` runs in the parent, `child` is the program that it starts.

renderer  `ports.Renderer`: read this first        child_process  starts and stops the child
child     renders one environment                  limits         time, memory, output
sandbox   what an expression may do                syntax         the syntax tree of a template
values    values that record who reads them        missing        values that do not exist
spans, pieces, instrument, locate, quoting         which text came from which expression
explain, finding                                   exceptions as findings
"""
