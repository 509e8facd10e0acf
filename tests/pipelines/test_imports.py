import subprocess
import sys


def test_what_the_client_needs_of_task_files_loads_without_the_large_libraries() -> None:
    code = (
        "import guardian.pipelines.shared.fields, guardian.pipelines.shared.taskfiles, sys;"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'pydantic', 'sqlalchemy', 'redis', 'celery'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
