# expect: rmtree | TemporaryDirectory()._rmtree
import tempfile
made = tempfile.TemporaryDirectory()
made._rmtree("/srv/agents")
