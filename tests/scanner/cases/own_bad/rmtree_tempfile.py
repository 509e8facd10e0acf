# expect: rmtree | tempfile._rmtree
import tempfile
tempfile._rmtree('x')
