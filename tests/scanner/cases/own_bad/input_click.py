# expect: input | click.prompt
import click
click.prompt('x')
