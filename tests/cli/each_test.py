"""Runs the functions test_* of a module, each in a folder of its own; each test stands for itself."""
import tempfile


def run(module):
    passed = failed = 0
    for name, test in [(n, f) for n, f in module.items() if n.startswith("test_")]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                passed += 1
            except Exception as error:
                failed += 1
                print(f"FAILED {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0
