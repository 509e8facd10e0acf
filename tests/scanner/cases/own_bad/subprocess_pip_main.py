# expect: subprocess | pip._internal
import pip
pip.main(["install", "evil"])
