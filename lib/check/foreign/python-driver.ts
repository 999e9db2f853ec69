/**
 * The script that runs a Python file's function, as text: written to the folder of its arrays.
 *
 * It reads task.json and *.npy there and writes result.json and *.npy. Exceptions in the
 * user's code go to result.json with the line of their own file.
 */
export const pythonDriver = String.raw`
import importlib.util, inspect, json, os, sys, traceback

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "task.json"), encoding="utf-8") as f:
    task = json.load(f)

def finish(result):
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as f:
        json.dump(result, f)
    sys.stdout.flush()
    os._exit(0)

def fault(stage):
    kind, error, trace = sys.exc_info()
    frames = [f for f in traceback.extract_tb(trace) if os.path.abspath(f.filename) == task["path"]]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    finish({"fault": {"stage": stage, "kind": kind.__name__, "message": str(error), "line": line}})

try:
    import numpy as np
except ImportError:
    finish({"fault": {"stage": "numpy", "kind": "ImportError", "message": "", "line": None}})

sys.path.insert(0, os.path.dirname(task["path"]))
sys.dont_write_bytecode = True
try:
    spec = importlib.util.spec_from_file_location("dscore_checked", task["path"])
    module = importlib.util.module_from_spec(spec)
    sys.modules["dscore_checked"] = module
    spec.loader.exec_module(module)
except BaseException:
    fault("load")

def parameters(function):
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return []
    named = [p for p in signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [{"name": p.name, "optional": p.default is not p.empty} for p in named]

if task["do"] == "describe":
    own = [(n, v) for n, v in vars(module).items()
           if inspect.isfunction(v) and v.__module__ == "dscore_checked" and not n.startswith("_")]
    finish({"functions": [{"name": n, "parameters": parameters(v)} for n, v in own]})

def given(stem, number):
    array = np.load(os.path.join(folder, stem + ".npy"))
    if number:
        return array[()].item()
    return array.astype(np.int64) if array.dtype.kind == "i" else array

count = 0
def passed(value, depth=0):
    """Tuples and dictionaries as JSON, arrays as files."""
    global count
    if depth > 4:
        raise TypeError("the result is nested too deeply")
    if isinstance(value, dict):
        return {"entries": {str(k): passed(v, depth + 1) for k, v in value.items()}}
    if isinstance(value, (tuple, list)) and not all(isinstance(v, (int, float)) for v in value):
        return {"items": [passed(v, depth + 1) for v in value]}
    if value is None or isinstance(value, str) or callable(value):
        return {"other": type(value).__name__}
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return {"items": [passed(v, depth + 1) for v in value]} if isinstance(value, (tuple, list)) else {"other": type(value).__name__}
    count += 1
    np.save(os.path.join(folder, "out%d.npy" % count), np.array(array, order="C", copy=True))
    return {"array": "out%d.npy" % count}

results = []
try:
    function = getattr(module, task["function"])
    for point in task["points"]:
        arguments = {}
        for argument in task["arguments"]:
            stem = point[argument["name"]]
            arguments[argument["keyword"]] = given(stem["file"], stem["number"])
        with np.errstate(all="ignore"):
            results.append(passed(function(**arguments)))
except BaseException:
    fault("call")
finish({"results": results})
`;
