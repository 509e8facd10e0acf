"""Code injection: text that becomes code. Names from the audit events `exec`, `import` and `compile`, from the standard
library's pages on bdb, pdb, profile, timeit, trace, code and runpy, and from the libraries' own docs."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW

RULES = (
    Rule(
        "G101",
        "eval",
        _BLOCK,
        "high",
        95,
        "`eval` and what evaluates text like it",
        "the text runs with all rights of the agent, constant or not",
        "eval(\"__import__('os').getcwd()\")",
        "ast.literal_eval for data, a dict of functions for a choice",
    ),
    Rule(
        "G102",
        "exec",
        _BLOCK,
        "high",
        95,
        "`exec` and what runs source or code objects like it",
        "the text runs with all rights of the agent, and no scan has seen it",
        'exec("x = 1")',
        "write the code into the script itself",
    ),
    Rule(
        "G103",
        "import-dunder",
        _BLOCK,
        "high",
        470,
        "`__import__`",
        "it loads a module whose name no reader sees, and loading a module runs it",
        '__import__("os")',
        "an import statement",
    ),
    Rule(
        "G104",
        "importlib",
        _BLOCK,
        "high",
        470,
        "`importlib` and other ways to load modules by name or path",
        "it runs a file or module whose name no reader sees",
        'importlib.import_module("os")',
        "an import statement; importlib.metadata and importlib.resources are fine",
    ),
)

ENTRIES = {
    **entries("G101", "builtins.eval"),
    **entries("G101", "typing.get_type_hints typing_extensions.get_type_hints", "call", severity=_REVIEW),
    **entries("G101", "typing.ForwardRef()._evaluate typing._eval_type annotationlib.ForwardRef().evaluate", "call"),
    **entries(
        "G101",
        """
        inspect.{signature, get_annotations} inspect.Signature.from_callable
        """,
        "evaluated_annotations",
        -1,
        "eval_str",
        _REVIEW,
    ),
    **entries("G101", "pandas.eval pandas.core.computation.eval.eval", "text_argument", 0, "expr", _REVIEW),
    **entries(
        "G101",
        """
        sympy.{sympify, S, parse_expr, core.sympify.sympify} sympy.parsing.sympy_parser.{parse_expr, eval_expr}
        numexpr.{evaluate, re_evaluate}
        """,
        "text_argument",
        0,
        "s",
        _REVIEW,
    ),
    **entries(
        "G101",
        """
        pandas.{DataFrame, Series, read_csv, read_json, read_excel, read_parquet, read_sql}().{eval, query}
        """,
        "built_text",
        0,
        "expr",
        _REVIEW,
    ),
    **entries("G101", "numexpr.{evaluate, re_evaluate}", "built_text", 0, "ex", _REVIEW),
    **entries(
        "G101",
        """
        sympy.{sympify, parse_expr, lambdify, S} sympy.parsing.sympy_parser.{parse_expr, eval_expr}
        asteval.Interpreter simpleeval.simple_eval
        """,
        "built_text",
        severity=_REVIEW,
    ),
    **entries("G101", "string.Formatter().get_field", "call", severity=_REVIEW),
    **entries("G101", "bdb.Bdb().runeval pdb.{runeval, Pdb().runeval} bdb.Bdb.runeval"),
    **entries("G101", "tkinter.Tcl().{eval, evalfile} tkinter.Tk().{eval, evalfile} _tkinter.create().eval", "call"),
    **entries("G101", "logging.config.fileConfig logging.config.listen", "call", severity=_REVIEW),
    **entries(
        "G101",
        """
        IPython.get_ipython().{ev, run_line_magic} js2py.eval_js py_mini_racer.MiniRacer().eval execjs.eval
        """,
    ),
    **entries("G102", "builtins.exec"),
    **entries(
        "G102",
        """
        bdb.Bdb().{run, runctx, runcall} bdb.Bdb.{run, runctx} pdb.{run, runctx, runcall} pdb.Pdb().{run,
        runctx, runcall}
        """,
    ),
    **entries(
        "G102",
        """
        cProfile.{run, runctx, Profile().run, Profile().runctx} profile.{run, runctx, Profile().run,
        Profile().runctx}
        """,
    ),
    **entries("G102", "cProfile.Profile.{run, runctx} profile.Profile.{run, runctx} trace.Trace.{run, runctx}"),
    **entries("G102", "trace.Trace().{run, runctx} hotshot.Profile().{run, runctx}"),
    **entries("G102", "timeit.{timeit, repeat, main} timeit.Timer", "code_argument", 0, "stmt setup"),
    **entries(
        "G102",
        """
        code.{interact, InteractiveInterpreter, InteractiveConsole}
        code.InteractiveInterpreter().{runsource, runcode} code.InteractiveConsole().{runsource, runcode,
        push, interact}
        """,
    ),
    **entries("G102", "runpy.{run_path, run_module, _run_code, _run_module_code}"),
    **entries("G102", "types.{FunctionType, LambdaType, CodeType} types.CodeType().replace", "call"),
    **entries(
        "G102",
        """
        IPython.{embed, start_ipython, get_ipython().run_cell, get_ipython().ex, get_ipython().run_code}
        """,
    ),
    **entries("G102", "test.support.script_helper.{assert_python_ok, run_python_until_end} test.support.run_code"),
    **entries(
        "G102",
        """
        doctest.{run_docstring_examples, testfile, debug_src, debug_script, script_from_examples}
        doctest.DocTestRunner().run
        """,
        "call",
    ),
    **entries("G102", "site.{addsitedir, addpackage, execsitecustomize, execusercustomize}", "call"),
    **entries("G102", "sys.{settrace, setprofile} threading.{settrace, setprofile}", "not_none", severity=_REVIEW),
    **entries("G102", "builtins.object.__subclasses__ builtins.type.__subclasses__"),
    **entries("G102", "gc.{get_objects, get_referrers, get_referents}", "call", severity=_REVIEW),
    **entries(
        "G102",
        """
        concurrent.interpreters.create().exec _interpreters.exec _xxsubinterpreters.run_string
        _interpreters.run_string test.support.interpreters.create().run
        """,
    ),
    **entries(
        "G102",
        """
        xmlrpc.server.{SimpleXMLRPCServer, SimpleXMLRPCDispatcher, CGIXMLRPCRequestHandler, DocXMLRPCServer,
        MultiPathXMLRPCServer}().register_instance
        """,
        "offered",
        0,
        "instance",
    ),
    **entries("G102", "numpy.f2py.{compile, run_main} numpy.distutils.exec_command.exec_command"),
    **entries("G102", "distutils.core.run_setup setuptools.sandbox.run_setup"),
    **entries(
        "G102",
        """
        builtins.breakpoint pdb.{set_trace, post_mortem, pm} ipdb.set_trace pudb.set_trace
        sys.breakpointhook
        """,
        "call",
        severity=_REVIEW,
    ),
    **entries("G103", "builtins.__import__"),
    **entries("G104", "importlib.{import_module, __import__, reload, find_loader} importlib.loader"),
    **entries(
        "G104",
        """
        importlib.util.{spec_from_file_location, spec_from_loader, module_from_spec, find_spec, LazyLoader}
        """,
    ),
    **entries(
        "G104",
        """
        importlib.machinery.{SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader, FileFinder,
        PathFinder, BuiltinImporter, FrozenImporter}
        """,
    ),
    **entries(
        "G104",
        """
        importlib._bootstrap.{_gcd_import, _load, _find_and_load, BuiltinImporter}
        importlib._bootstrap_external.{SourceFileLoader, FileFinder, PathFinder}
        """,
    ),
    **entries(
        "G104",
        """
        imp.{load_module, load_source, load_compiled, load_dynamic, find_module, create_dynamic, reload,
        init_builtin}
        """,
    ),
    **entries(
        "G104",
        """
        pkgutil.{find_loader, get_loader, get_importer, ImpImporter, ImpLoader, resolve_name, walk_packages,
        extend_path}
        """,
        "call",
    ),
    **entries("G104", "zipimport.zipimporter"),
    **entries("G104", "pydoc.{locate, safeimport, importfile, resolve, render_doc}", "call"),
    **entries("G104", "logging.config.{dictConfig, dictConfigClass, DictConfigurator}", "named_objects", 0, "config"),
    **entries("G104", "logging.config.{Base, Dict}Configurator().{resolve, ext_convert, convert, configure_custom}"),
    **entries("G104", "sys.{meta_path, path_hooks}", "always", severity=_REVIEW),
    **entries(
        "G104",
        """
        importlib.metadata.entry_points()[].load importlib.metadata.EntryPoint().load
        pkg_resources.{load_entry_point, EntryPoint.parse().load, iter_entry_points()[].load}
        """,
    ),
    **entries(
        "G104",
        """
        django.utils.module_loading.import_string werkzeug.utils.import_string
        pandas.compat._optional.import_optional_dependency celery.utils.imports.{symbol_by_name,
        instantiate, import_from_cwd} kombu.utils.imports.symbol_by_name six.moves.reload_module imp.reload
        test.support.import_helper.{import_module, import_fresh_module} mock.mock._importer
        unittest.mock._get_target unittest.mock.patch().getter
        logging.config._resolve test.support.import_module multiprocessing.spawn.{prepare, import_main_path,
        _main}
        """,
    ),
}

IMPORTS = dict.fromkeys(
    ("importlib", "imp", "zipimport", "_imp", "_frozen_importlib", "_frozen_importlib_external"), "G104"
) | dict.fromkeys(("runpy", "code", "_interpreters", "_xxsubinterpreters"), "G102")
