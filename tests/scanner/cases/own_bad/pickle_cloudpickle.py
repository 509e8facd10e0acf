# expect: pickle | cloudpickle
import cloudpickle
cloudpickle.loads(b'')
