//! What the compiler says to a newcomer's commonest mistakes: each snippet is refused, and the words that help appear.
//!
//! Only words are compared that come from this crate or have long been rustc's, so that another compiler may phrase the
//! rest as it likes. Each snippet is compiled against the library that this test is linked with.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The library beside this test, built last.
fn library() -> PathBuf {
    let deps = std::env::current_exe().expect("a path").parent().expect("target/…/deps").to_owned();
    let entries = std::fs::read_dir(&deps).expect("the folder of this test");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let libraries = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libpushforward-") && name.ends_with(".rlib")
    });
    let built = |path: &PathBuf| path.metadata().and_then(|m| m.modified()).expect("a time");
    libraries.max_by_key(built).unwrap_or_else(|| panic!("no library in {}", deps.display()))
}

/// The compiler's messages about a snippet, and whether it compiles.
fn compile(snippet: &str) -> (bool, String) {
    let library = library();
    let deps = library.parent().expect("target/…/deps");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--test", "--emit", "metadata", "--color", "never", "-o"])
        .arg(std::env::temp_dir().join(format!("pushforward-mistake-{}.rmeta", std::process::id())))
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("--extern")
        .arg(format!("pushforward={}", library.display()))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rustc starts");
    rustc.stdin.take().expect("a pipe").write_all(snippet.as_bytes()).expect("rustc reads");
    let output = rustc.wait_with_output().expect("rustc ends");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const USES: &str = "#![allow(unused)]
use pushforward::{check, dot, lit, Conditioner, Flow, FlowError, Image, Layer, Param, Scalar};
";
const STRUCT: &str = "#[derive(Clone, Debug)] struct L { a: Param }\n";
const LAYER: &str = "impl Layer for L { fn dim(&self) -> usize { 1 } }\n";
const FLOW: &str = "impl<S: Scalar> Flow<S> for L {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> { Image::finite([z[0] * self.a], S::from(self.a).ln_abs()) }
}\n";
const STRATEGY: &str = "fn any() -> impl pushforward::proptest::strategy::Strategy<Value = L> {
    pushforward::proptest::strategy::LazyJust::new(|| L { a: 2.0.into() })
}\n";

/// A layer whose `forward` has this body.
fn forward(body: &str) -> String {
    format!(
        "{STRUCT}{LAYER}impl<S: Scalar> Flow<S> for L {{
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {{ {body} }}
        }}\n"
    )
}

/// The snippet does not compile, and each of these stands in what the compiler says.
#[track_caller]
fn refused(snippet: &str, says: &[&str]) {
    let (compiles, messages) = compile(&format!("{USES}{snippet}"));
    assert!(!compiles, "this compiles:\n{snippet}");
    for words in says {
        assert!(messages.contains(words), "{words:?} is not said about\n{snippet}\nbut\n{messages}");
    }
}

#[test]
fn the_right_layer_compiles() {
    let laws = "pushforward::laws!(right: any(), skip { mass_is_one: \"why not\" });";
    for snippet in [
        format!("{STRUCT}{FLOW}{LAYER}{STRATEGY}{laws}\nfn judge(l: &L) {{ let _ = check(l); }}"),
        forward(
            "let t = if z[0].is_below(0.0) { z[0] * 0.5 } else { z[0] }; Image::finite([t], (lit(1.0) - t * t).ln())",
        ),
    ] {
        let (compiles, messages) = compile(&format!("{USES}{snippet}"));
        assert!(compiles, "{messages}");
    }
}

#[test]
fn no_impl_of_layer() {
    refused(
        &format!("{STRUCT}{FLOW}fn judge(l: &L) {{ let _ = check(l); }}"),
        &["cannot be put under law: it is not a `Layer`", "impl Layer for L { fn dim(&self) -> usize { … } }"],
    );
}

#[test]
fn a_layer_in_f64_only() {
    let flow = "impl Flow<f64> for L {
        fn forward(&self, z: &[f64]) -> Result<Image<f64>, FlowError> { Ok(Image::new(z, 0.0)) }
    }\n";
    refused(
        &format!("{STRUCT}{flow}{LAYER}"),
        &[
            "is not a flow in the number system",
            "write the layer once, for every number system: `impl<S: Scalar> Flow<S> for L`",
        ],
    );
}

#[test]
fn a_comparison_by_an_operator() {
    // The compiler advises a bound, which no number system meets.
    refused(&forward("let x = if z[0] < 0.0 { z[0] } else { z[0] * 2.0 }; Image::finite([x], 0.0)"), &["E0369"]);
    let bounded = forward("let x = if z[0] < 0.0 { z[0] } else { z[0] * 2.0 }; Image::finite([x], 0.0)")
        .replace("impl<S: Scalar>", "impl<S: Scalar + PartialOrd<f64>>");
    refused(&bounded, &["PartialOrd"]);
}

#[test]
fn a_literal_on_the_left() {
    refused(&forward("Image::finite([z[0]], (1.0 - z[0] * z[0]).ln())"), &["cannot subtract `S` from `{float}`"]);
}

#[test]
fn a_function_of_f64() {
    refused(&forward("Image::finite([f64::exp(z[0])], z[0])"), &["expected `f64`, found type parameter `S`"]);
}

#[test]
fn a_closure_as_conditioner() {
    let layer = "#[derive(Debug)] struct L<C> { net: C }
        impl<C: Conditioner, S: Scalar> Flow<S> for L<C> {
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
                let h = S::condition(&self.net, &z[..1]);
                Image::finite([z[0], z[1] + h[0]], 0.0)
            }
        }
        impl<C: Conditioner> Layer for L<C> { fn dim(&self) -> usize { 2 } }\n";
    refused(
        &format!("{layer}fn judge() {{ let _ = check(&L {{ net: |x: &[f64]| vec![x[0] * 2.0] }}); }}"),
        &["is not a conditioner", "a closure computes in one number system only"],
    );
}

#[test]
fn a_misspelt_law_in_skip() {
    refused(
        &format!("{STRUCT}{FLOW}{LAYER}{STRATEGY}pushforward::laws!(x: any(), skip {{ mass_is_two: \"why\" }});"),
        &["no law is called `mass_is_two`"],
    );
}

#[test]
fn no_strategy_in_laws() {
    refused(
        &format!("{STRUCT}{FLOW}{LAYER}pushforward::laws!(x: L {{ a: 2.0.into() }});"),
        &["the trait bound `L: Strategy` is not satisfied"],
    );
}

#[test]
fn no_debug() {
    let bare = STRUCT.replace("Clone, Debug", "Clone");
    refused(&format!("{bare}{FLOW}{LAYER}"), &["`L` doesn't implement `Debug`", "#[derive(Debug)]"]);
}

#[test]
fn a_parameter_is_read_or_ordered() {
    refused(&forward("Image::finite([z[0] * self.a.value], 0.0)"), &["field `value` of struct `Param` is private"]);
    refused(&forward("if self.a > 0.0 { } Image::finite([z[0]], 0.0)"), &["E0369"]);
}

#[test]
fn a_tuple_is_returned() {
    let flow = "impl<S: Scalar> Flow<S> for L { fn forward(&self, z: &[S]) -> (Vec<S>, S) { (z.to_vec(), z[0]) } }\n";
    refused(&format!("{STRUCT}{flow}{LAYER}"), &["E0053", "Result<Image<S>, FlowError>"]);
}
