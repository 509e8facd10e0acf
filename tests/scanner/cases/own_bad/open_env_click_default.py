# expect: open-env | click default
import click
@click.command()
@click.option("--path", default=".env")
def main(path):
    print(open(path).read())
main()
