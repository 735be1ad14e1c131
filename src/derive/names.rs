//! Names of a layer's parameters, read off its `Debug` form: `u[0]` is `u_1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use crate::scalar::session;

/// A name with its indices, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub letter: String,
    /// Which of several layers.
    pub part: Option<usize>,
    pub indices: Vec<usize>,
}

/// The name of each parameter, by identity.
pub(super) fn parameters(layer: &(impl Debug + ?Sized)) -> BTreeMap<u64, Name> {
    let text = session::naming(|| format!("{layer:?}"));
    let mut found: Vec<(u64, Vec<Step>)> = Vec::new();
    let mut path: Vec<Step> = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '⟨' => {
                let id: String = chars.by_ref().take_while(|&c| c != '⟩').collect();
                if let Ok(id) = id.parse() {
                    found.push((id, path.clone()));
                }
            }
            '{' | '(' => path.push(Step::Struct(std::mem::take(&mut word).trim().to_lowercase())),
            '[' => path.push(Step::Index(1)),
            '}' | ')' | ']' => {
                while matches!(path.last(), Some(Step::Field(_))) {
                    path.pop();
                }
                path.pop();
                word.clear();
            }
            ':' => path.push(Step::Field(std::mem::take(&mut word).trim().to_owned())),
            ',' => {
                if let Some(Step::Field(_)) = path.last() {
                    path.pop();
                }
                if let Some(Step::Index(i)) = path.last_mut() {
                    *i += 1;
                }
                word.clear();
            }
            c => word.push(c),
        }
    }
    let mut names: BTreeMap<u64, Name> = found.iter().map(|(id, path)| (*id, name(path, false))).collect();
    let distinct: BTreeSet<&Name> = names.values().collect();
    if distinct.len() < names.len() {
        names = found.iter().map(|(id, path)| (*id, name(path, true))).collect();
    }
    names
}

#[derive(Clone, Debug)]
enum Step {
    Struct(String),
    Field(String),
    Index(usize),
}

fn name(path: &[Step], with_part: bool) -> Name {
    let last = path.iter().rposition(|step| matches!(step, Step::Field(_)));
    let (before, after) = path.split_at(last.map_or(0, |last| last + 1));
    let letter = match (last.map(|last| &path[last]), path.iter().rev().find(|s| matches!(s, Step::Struct(_)))) {
        (Some(Step::Field(field)), _) => field.clone(),
        (_, Some(Step::Struct(name))) if !name.is_empty() => name.clone(),
        _ => "p".to_owned(),
    };
    let index = |step: &Step| if let Step::Index(i) = step { Some(*i) } else { None };
    let part = if with_part { before.iter().find_map(index) } else { None };
    Name { letter, part, indices: after.iter().filter_map(index).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Chain, Planar};

    #[test]
    fn parameters_are_named_by_field_and_index() {
        let planar = Planar::new(&[0.5, 1.0], &[1.0, -0.25], 0.75).unwrap();
        let named: Vec<String> = parameters(&planar).values().map(|n| format!("{}{:?}", n.letter, n.indices)).collect();
        assert_eq!(named, ["u[1]", "u[2]", "w[1]", "w[2]", "b[]"]);
        assert_eq!(format!("{planar:?}"), "Planar { u: [0.5, 1.0], w: [1.0, -0.25], b: 0.75 }");
    }

    #[test]
    fn parts_of_a_chain_are_told_apart() {
        let part = |b| Box::new(Planar::new(&[0.5], &[1.0], b).unwrap()) as Box<dyn crate::Layer>;
        let chain = Chain::new(vec![part(0.5), part(0.25)]).unwrap();
        let names = parameters(&chain);
        assert_eq!(names.len(), 6);
        assert!(names.values().all(|name| name.part.is_some()));
    }
}
