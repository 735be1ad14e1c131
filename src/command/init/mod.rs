//! `pushforward init`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::output::create;
use super::{Status, Stop};

/// Write a starting file for a new layer, whose laws fail until it is filled in
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The layer's name in snake_case
    #[arg(value_parser = name)]
    name: String,
    /// In which language
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// The folder to write to
    // The same id as that of the file to print to, which it replaces here.
    #[arg(short = 'o', long = "output", id = "output", value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// A test file of a crate: `tests/NAME.rs`
    Rust,
    /// A script for `pushforward external`, with the client that it needs
    Python,
}

const RUST: &str = include_str!("layer.rs");
const PYTHON: &str = include_str!("layer.py");
const CLIENT: &str = include_str!("../../../examples/python/pushforward_client.py");

/// Words of Rust, and names that would stand for something else in the file.
const TAKEN: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "pushforward",
    "flow",
    "flow_error",
    "image",
    "layer",
    "param",
    "promises",
    "scalar",
    "strategy",
    "result",
    "vec",
    "clone",
    "debug",
    "s",
    "ok",
    "err",
    "some",
    "none",
    "core",
    "std",
    "alloc",
];

fn name(text: &str) -> Result<String, String> {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let reason = match text.chars().next() {
        None => "it is empty",
        Some(first) if !first.is_ascii_lowercase() => "it must begin with a small letter",
        _ if !text.chars().all(rest) => "only small letters, digits and _ may be in it",
        _ if text.ends_with('_') || text.contains("__") => "a _ must stand between two parts",
        _ if text.len() > 60 => "it is longer than 60 characters",
        _ if TAKEN.contains(&text) => "it stands for something else in Rust or in the file",
        _ => return Ok(text.to_owned()),
    };
    Err(format!("{reason}; right would be `my_layer`"))
}

fn camel_case(name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('_').filter(|part| !part.is_empty()).map(capital).collect()
}

impl Init {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Status, Stop> {
        let (directory, name) = (&self.directory, &self.name);
        if !directory.is_dir() {
            return Err(Stop::Misuse(format!("{} is no folder", directory.display())));
        }
        let named = |text: &str| text.replace("Template", &camel_case(name)).replace("template", name);
        match self.lang {
            Language::Rust => {
                let file = directory.join(format!("{name}.rs"));
                create(&file, &named(RUST))?;
                writeln!(out, "wrote {}: fill it in, and run `cargo test --test {name}`", shown(&file))?;
            }
            Language::Python => {
                let (file, client) =
                    (directory.join(format!("{name}_layer.py")), directory.join("pushforward_client.py"));
                create(&file, &named(PYTHON))?;
                if !client.exists() {
                    create(&client, CLIENT)?;
                }
                let file = shown(&file);
                writeln!(out, "wrote {file}: fill it in, and run `pushforward external --dim 2 -- python3 {file}`")?;
            }
        }
        Ok(Status::Good)
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
