//! Flows in other processes: whatever the other side does, a clear verdict or message within its limit, and no process
//! left behind.
//!
//! The tests need python3 with its standard library, and say so where it is missing. Layers of peers are judged where
//! they are installed (`PUSHFORWARD_PYTHON` names another interpreter), else the test says that they are not.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/python");

/// The interpreter, if it can import a module; else the test says that it does not run.
fn python(module: &str) -> Option<String> {
    let python = std::env::var("PUSHFORWARD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if imports.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    println!("NOT RUN: {python} cannot import {module}");
    None
}

fn pushforward(arguments: &[&str], command: &[&str]) -> (Output, Duration) {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_pushforward"))
        .arg("external")
        .args(arguments)
        .arg("--")
        .args(command)
        .env("PYTHONPATH", CLIENT)
        .output()
        .expect("the command runs");
    (output, start.elapsed())
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A child of the identity in two dimensions that speaks the protocol, and does something of its own where `STEP` is.
const CHILD: &str = r#"
import json, os, signal, subprocess, sys, time
def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
hello = {"protocol": 1, "name": "child", "dim": 2, "dtype": "float64", "offers": ["forward", "inverse"]}
for n, line in enumerate(sys.stdin):
    request = json.loads(line)
    answer = {**hello, "id": request["id"]}
    if request["op"] != "hello":
        answer = {"id": request["id"], "results": [{"point": p, "log_det": 0.0} for p in request["points"]]}
    STEP
    say(answer)
END
"#;

struct Case {
    step: &'static str,
    end: &'static str,
    arguments: &'static [&'static str],
    status: i32,
    says: &'static [&'static str],
}

impl Case {
    const fn new(step: &'static str, status: i32, says: &'static [&'static str]) -> Self {
        Self { step, end: "", arguments: &[], status, says }
    }

    fn run(&self, python: &str, k: usize) {
        let left: PathBuf = std::env::temp_dir().join(format!("pushforward-external-{}-{k}", std::process::id()));
        let script = CHILD.replace("STEP", self.step).replace("END", self.end);
        let script = format!("open({left:?}, 'w').write(str(__import__('os').getpid()))\n{script}");
        let mut arguments = vec!["--cases", "3", "--timeout", "1"];
        arguments.extend(if self.arguments.is_empty() { &["--start-up", "10"] } else { self.arguments });
        let (output, took) = pushforward(&arguments, &[python, "-c", &script]);
        let found = text(&output);
        let case = format!("case {k}, {:?}:\n{found}", self.step);
        assert_eq!(output.status.code(), Some(self.status), "{case}");
        for words in self.says {
            assert!(found.contains(words), "{words:?} is missing from {case}");
        }
        assert!(took < Duration::from_secs(20), "{took:?}: {case}");
        let pid = std::fs::read_to_string(&left).expect("the child has started");
        std::fs::remove_file(&left).ok();
        if std::path::Path::new("/proc/self").exists() {
            assert!(!std::path::Path::new("/proc").join(pid.trim()).exists(), "the child lives on: {case}");
        }
    }
}

/// Nothing is concluded of a flow whose process breaks down: exit status 2, and a message that says how.
#[test]
fn a_process_that_breaks_down_is_named_within_its_limit() {
    let Some(python) = python("json") else { return };
    let cases = [
        Case::new("n > 3 and time.sleep(60)", 2, &["no answer within 1 s to", " points, the first ["]),
        Case { arguments: &["--start-up", "1"], ..Case::new("time.sleep(60)", 2, &["no answer within 1 s to hello"]) },
        Case::new(
            "n > 3 and (print('the tensor is on fire', file=sys.stderr, flush=True), os._exit(3))",
            2,
            &["the process ended (exit status: 3)", "owed an answer to", "last words", "the tensor is on fire"],
        ),
        Case::new("n > 3 and 1 / 0", 2, &["exit status: 1", "ZeroDivisionError"]),
        Case::new("n > 3 and os.kill(os.getpid(), signal.SIGKILL)", 2, &["the process ended (signal: 9"]),
        Case::new("os._exit(0)", 2, &["the process ended (exit status: 0)", "hello"]),
        Case::new("n > 3 and os.close(1) or n > 3 and time.sleep(60)", 2, &["its output is closed"]),
        Case::new(
            "n > 3 and (subprocess.Popen(['sleep', '4'], stderr=subprocess.DEVNULL), os._exit(5))",
            2,
            &["the process ended (exit status: 5)"],
        ),
        Case::new("n > 3 and print('Using device: cpu')", 2, &["a line that is no JSON", "Using device: cpu"]),
        Case::new(
            "n > 3 and sys.stdout.write('{\"id\"') and sys.stdout.flush() or n > 3 and time.sleep(60)",
            2,
            &["no answer"],
        ),
        Case::new("\n    while n > 3: sys.stdout.write('x' * 65536)", 2, &["the process"]),
        Case::new("\n    while n > 3: print('{}')", 2, &["the id of the request"]),
        Case::new("\n    while n > 3: print('x' * 1000, file=sys.stderr)", 2, &["no answer within 1 s"]),
        Case::new("n > 3 and answer.update(id=1)", 2, &["the id of the request"]),
        Case::new("n > 3 and answer['results'].pop()", 2, &["results for"]),
        Case::new("n > 3 and answer.update(results=[7])", 2, &["broke the protocol"]),
        Case::new("n > 3 and answer['results'][0].update(log_det=None)", 2, &["null where a number"]),
        Case::new("n > 3 and answer['results'][0].update(log_det=float('nan'))", 2, &["no JSON", "NaN"]),
        Case::new("answer.update(protocol=2)", 2, &["it speaks protocol 2, this is protocol 1"]),
        Case::new("answer.update(promise=1)", 2, &["hello has no \"promise\""]),
        Case { arguments: &["--dim", "3"], ..Case::new("", 2, &["it has dimension 2, and 3 was asked for"]) },
    ];
    for (k, case) in cases.iter().enumerate() {
        case.run(&python, k);
    }
}

/// A wrong answer is a finding about the flow: exit status 1.
#[test]
fn a_wrong_answer_is_a_verdict() {
    let Some(python) = python("json") else { return };
    let cases = [
        Case::new(
            "[r.update(point=['nan', 0]) for r in answer.get('results', [])]",
            1,
            &["FAILS  child / finite-inside", "returns NaN instead of a finite number"],
        ),
        Case::new("[r.update(log_det='inf') for r in answer.get('results', [])]", 1, &["returns inf instead"]),
        Case::new("n > 5 and [r['point'].append(0) for r in answer['results']]", 1, &["has length 3, expected 2"]),
        Case::new(
            "n > 5 and answer.update(error={'kind': 'error', 'message': 'no such tensor'})",
            1,
            &["FAILS", "no such tensor"],
        ),
        Case { end: "time.sleep(60)", ..Case::new("", 1, &["VACUOUS"]) },
        Case {
            arguments: &["--law", "inverse-undoes-forward"],
            ..Case::new("answer.update(promises={'identity': True}) if n == 0 else None", 0, &["1 hold"])
        },
    ];
    for (k, case) in cases.iter().enumerate() {
        case.run(&python, 100 + k);
    }
}

#[test]
fn what_cannot_be_started_is_named() {
    let (output, _) = pushforward(&[], &["/no/such/program"]);
    assert!(output.status.code() == Some(2) && text(&output).contains("could not be started"), "{}", text(&output));
    let (output, _) = pushforward(&["--timeout", "0"], &["true"]);
    assert!(output.status.code() == Some(2) && text(&output).contains("positive number"), "{}", text(&output));
}

fn judged(python: &str, arguments: &[&str], script: &str) -> (Option<i32>, String) {
    let script = format!("from pushforward_client import *\nimport math\n{script}");
    let (output, _) = pushforward(arguments, &[python, "-c", &script]);
    (output.status.code(), text(&output))
}

#[test]
fn the_examples_are_judged_as_they_should_be() {
    let Some(python) = python("json") else { return };
    let example = |name: &str| format!("{CLIENT}/{name}.py");
    let run = |dim: &str, name: &str, rest: &[&str]| {
        let script = example(name);
        let (output, _) = pushforward(&["--dim", dim], &[&[python.as_str(), &script], rest].concat());
        (output.status.code(), text(&output))
    };
    for dim in ["2", "5"] {
        let (status, found) = run(dim, "planar", &[]);
        assert!(status == Some(0) && found.contains("numerical differentiation"), "{found}");
        let (status, found) = run(dim, "planar_norm", &[]);
        assert!(status == Some(1) && found.contains("FAILS  planar_norm / orientation-is-constant"), "{found}");
        assert!(!found.contains("planar_norm / log-det-is-jacobian"), "{found}");
        let (status, found) = run(dim, "radial", &[]);
        assert!(status == Some(0), "{found}");
        let (status, found) = run(dim, "radial", &["wrong"]);
        assert!(status == Some(1) && found.contains("FAILS  radial_wrong / log-det-is-jacobian"), "{found}");
        assert!(!found.contains("FAILS  radial_wrong / inverse-undoes-forward"), "{found}");
    }
}

#[test]
fn the_client_takes_arrays_errors_and_prints() {
    let Some(python) = python("json") else { return };
    // An array by duck typing, many points at once, and output that is none of the protocol's.
    let arrays = r#"
class Array(list):
    def tolist(self):
        return list(self)
def forward(z):
    print("forward of", len(z))
    return [Array([3 * a, b - 1]) for a, b in z], Array(math.log(3) for _ in z)
def inverse(x):
    return [(a / 3, b + 1) for a, b in x], [[-math.log(3)] for _ in x]
serve(forward, inverse, dim=2, batched=True, promises={"constant_log_det": True, "kept": []})
"#;
    let (status, found) = judged(&python, &["--cases", "10"], arrays);
    assert!(status == Some(1) && found.contains("coordinate 1's term") && !found.contains("FAILS"), "{found}");

    // Overflow is out of range, which is an answer at extreme points; a domain is refused outside.
    let half_line = r#"
def forward(z):
    if min(z) <= 0:
        raise OutsideDomain(f"{z} is not positive")
    return [math.exp(t) for t in z], sum(z)
def inverse(x):
    if min(x) <= 1:
        raise OutsideDomain(f"{x} is not above 1")
    return [math.log(t) for t in x], -sum(map(math.log, x))
serve(forward, inverse, dim=lambda asked: asked or 2, promises={
    "domain": "positive", "codomain": [1, "inf"], "structure": "diagonal", "increasing": True})
"#;
    let (status, found) = judged(&python, &["--dim", "3"], half_line);
    assert!(status == Some(0) && found.contains("outside-is-refused"), "{found}");

    // Derivatives of one's own are used, and held against differences.
    for (slope, status) in [("2.0", 0), ("2.001", 1)] {
        let own = format!(
            "serve(lambda z: ([2 * z[0]], math.log(2)), lambda x: ([x[0] / 2], -math.log(2)), dim=1,\n\
             jacobian=lambda z: [[{slope}]], promises={{'constant_log_det': True}})"
        );
        let (found_status, found) = judged(&python, &[], &own);
        assert!(found_status == Some(status), "{found}");
        assert!(found.contains("the other side's autodiff"), "{found}");
        assert_eq!(found.contains("FAILS  <lambda> / finite-differences-agree"), status == 1, "{found}");
    }

    let (status, found) = judged(&python, &[], "serve(lambda z: (z, 0))");
    assert!(status == Some(2) && found.contains("no dimension is known"), "{found}");
    let (status, found) = judged(&python, &[], "serve(lambda z: (z, 0), dim=2, promises={'idenity': True})");
    assert!(status == Some(2) && found.contains("promises has no \"idenity\""), "{found}");
    let (status, found) = judged(&python, &["--format", "json"], "serve(lambda z: (z, 0), dim=2)");
    assert!(status == Some(1) && found.contains("\"evidence\":\"values, with bounds from their noise\""), "{found}");
}

/// Layers of peers, where they are installed.
fn peer(module: &str, script: &str, layer: &[&str], fails: Option<&str>) {
    let Some(python) = python(module) else { return };
    let script = format!("{CLIENT}/{script}.py");
    let command = [&[python.as_str(), &script], layer].concat();
    let (output, took) = pushforward(&["--cases", "30", "--timeout", "120", "--start-up", "120"], &command);
    let found = text(&output);
    println!("{module} {layer:?}: {:?} in {took:?}", output.status.code());
    match fails {
        None => assert!(!found.contains("FAILS") && output.status.code() != Some(2), "{found}"),
        Some(law) => assert!(found.contains("FAILS") && found.contains(law), "{found}"),
    }
}

#[test]
fn layers_of_flowjax() {
    for layer in ["affine", "triangular", "planar", "spline", "coupling", "masked"] {
        peer("flowjax", "flowjax_layers", &[layer], None);
    }
    peer("flowjax", "flowjax_layers", &["affine", "float32"], None);
    peer("flowjax", "flowjax_layers", &["old_inverse"], Some("inverse-log-det-negates"));
}

#[test]
fn layers_of_zuko() {
    for layer in ["masked", "spline", "coupling", "rotation", "lu"] {
        peer("zuko", "zuko_layers", &[layer], None);
    }
}

#[test]
fn layers_of_torchflows() {
    for layer in ["affine_coupling", "shift_coupling", "triangular"] {
        peer("torchflows", "torchflows_layers", &[layer], None);
    }
    peer("torchflows", "torchflows_layers", &["radial"], Some("log-det-is-jacobian"));
}

#[test]
fn layers_of_nflows() {
    for layer in ["coupling", "spline", "masked", "lu", "householder"] {
        peer("nflows", "nflows_layers", &[layer], None);
    }
}
