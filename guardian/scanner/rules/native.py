"""Native code and deserialization. Names from the audit events `ctypes.*`, `pickle.find_class`, `marshal.loads`
and `sqlite3.enable_load_extension`, and from the libraries' own docs (those that warn
of data that is not trusted)."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW

RULES = (
    Rule(
        "G301",
        "ctypes",
        _BLOCK,
        "high",
        242,
        "`ctypes`, `cffi` and other ways to call native code",
        "native code is bound by nothing that Python, or a scan of Python, knows",
        "import ctypes",
        "a library from PyPI that wraps what is needed",
    ),
    Rule(
        "G302",
        "pickle",
        _BLOCK,
        "high",
        502,
        "`pickle` and its relatives: marshal, dill, joblib, yaml's unsafe loaders, torch.load ...",
        "loading such data runs code that the data chooses",
        "pickle.loads(data)",
        "json; numpy.load without allow_pickle; safetensors; yaml.safe_load",
    ),
    Rule(
        "G303",
        "shelve",
        _BLOCK,
        "high",
        502,
        "`shelve`",
        "a shelf is made of pickles: reading it runs code that the file chooses",
        'shelve.open("data")',
        "json, or sqlite3",
    ),
)

ENTRIES = {
    **entries(
        "G301",
        """
        ctypes.{CDLL, PyDLL, WinDLL, OleDLL, cdll, windll, oledll, pydll, pythonapi, LibraryLoader,
        CFUNCTYPE, string_at, memmove, cast}
        """,
    ),
    **entries(
        "G301",
        """
        _ctypes.{dlopen, LoadLibrary, dlsym, call_function} cffi.FFI numpy.ctypeslib.{load_library,
        as_ctypes} numpy.f2py.compile llvmlite.binding.load_library_permanently
        """,
    ),
    **entries("G301", "sqlite3.connect().{enable_load_extension, load_extension}", "call"),
    **entries(
        "G301",
        """
        torch.ops.load_library torch.classes.load_library tensorflow.load_op_library tensorflow.load_library
        cppyy.load_library clr.AddReference jpype.startJVM
        """,
        "call",
    ),
    **entries(
        "G302",
        """
        pickle.{load, loads, Unpickler} marshal.{load, loads} dill.{load, loads, load_session, load_module,
        Unpickler} cloudpickle.{load, loads} cPickle.{load, loads}
        """,
    ),
    **entries(
        "G302",
        """
        multiprocessing.reduction.ForkingPickler multiprocessing.reduction.{_ForkingPickler,
        AbstractReducer} multiprocessing.connection._ForkingPickler multiprocessing.queues._ForkingPickler
        """,
    ),
    **entries(
        "G302",
        """
        joblib.load joblib.numpy_pickle.{load, _unpickle, NumpyUnpickler} sklearn.externals.joblib.load
        sklearn.utils._joblib.load
        """,
        "call",
    ),
    **entries("G302", "jsonpickle.{decode, loads} jsonpickle.unpickler.{decode, Unpickler} jsonpickle.Unpickler"),
    **entries(
        "G302",
        """
        pandas.{read_pickle, read_hdf} pandas.io.pickle.read_pickle pandas.compat.pickle_compat.{load,
        loads}
        """,
        "call",
    ),
    **entries("G302", "numpy.load", "allow_pickle", 2, "allow_pickle"),
    **entries("G302", "numpy.lib.format.{read_array, open_memmap}", "allow_pickle", 1, "allow_pickle"),
    **entries("G302", "torch.load", "weights_only", -1, "weights_only"),
    **entries(
        "G302",
        """
        torch.package.PackageImporter torch.jit.load torch.hub.load keras.models.load_model
        tensorflow.keras.models.load_model torch.hub.load_state_dict_from_url
        """,
        "call",
        severity=_REVIEW,
    ),
    **entries(
        "G302",
        """
        transformers.{AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForMaskedLM,
        AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoModelForQuestionAnswering,
        AutoModelForVision2Seq, AutoModelForImageTextToText, AutoTokenizer, AutoConfig, AutoProcessor,
        AutoImageProcessor, AutoFeatureExtractor}.from_pretrained transformers.pipeline datasets.load_dataset
        sentence_transformers.SentenceTransformer
        """,
        "trusting",
        -1,
        "trust_remote_code",
    ),
    **entries("G302", "yaml.{load, load_all}", "yaml_loader", 1, "Loader"),
    **entries(
        "G302",
        """
        yaml.{unsafe_load, unsafe_load_all, full_load, full_load_all, UnsafeLoader, FullLoader,
        CUnsafeLoader, CFullLoader, Loader, CLoader, Unsafe}
        """,
    ),
    **entries(
        "G302",
        """
        yaml.loader.{UnsafeLoader, FullLoader, Loader} yaml.constructor.{UnsafeConstructor, FullConstructor}
        """,
    ),
    **entries("G302", "ruamel.yaml.YAML", "yaml_type", 0, "typ"),
    **entries(
        "G302",
        """
        srsly.pickle_loads srsly.cloudpickle.loads pyarrow.{deserialize, deserialize_pandas} diskcache.Cache
        multiprocessing.managers.BaseManager multiprocessing.connection.{Client, Listener} Pyro4.Proxy
        rpyc.connect rpyc.classic.connect catboost.CatBoost().load_model statsmodels.api.load_pickle
        statsmodels.iolib.smpickle.load_pickle networkx.read_gpickle gensim.utils.unpickle
        mlflow.pyfunc.load_model skops.io.load nltk.data.load django.core.signing.PickleSerializer
        """,
        "call",
        severity=_REVIEW,
    ),
    **entries("G302", "copyreg.pickle copyreg.constructor", "call", severity=_REVIEW),
    **entries("G303", "shelve.{open, Shelf, BsdDbShelf, DbfilenameShelf}"),
}

IMPORTS = (
    dict.fromkeys(("ctypes", "_ctypes", "cffi", "_cffi_backend"), "G301")
    | dict.fromkeys(
        (
            "pickle",
            "_pickle",
            "cPickle",
            "dill",
            "cloudpickle",
            "marshal",
            "jsonpickle",
            "pickle5",
            "_compat_pickle",
            "zodbpickle",
            "klepto",
        ),
        "G302",
    )
    | {"shelve": "G303"}
)
