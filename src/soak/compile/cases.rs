//! Maps that branch: the ways through them that were recorded, in one arena.

use std::collections::{BTreeMap, HashMap, HashSet};

use pushforward_lanes::{Binary, Cases, Path, Program};

use super::arena::{Arena, Node, Site};
use super::partials::slope;
use super::schedule::Scheduler;
use super::{Unsupported, wanted};
use crate::scalar::session::Place;
use crate::scalar::{Case, Graph, Op, Sketch};

/// One map, wherever it is used.
#[derive(Debug)]
pub(super) struct Map {
    identity: u64,
    inputs: usize,
    arena: Arena,
    ways: Vec<Way>,
    /// The answers to comparisons and to choices between forms that were met: what follows from the same answers is the
    /// same formula, and need not be learnt twice.
    met: HashSet<Vec<(Place, bool)>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Way {
    conditions: Vec<(u32, u32, bool)>,
    /// Choices between forms of one function, in which ways may differ and be the same.
    preferences: Vec<(Place, bool)>,
    outputs: [u32; 2],
}

impl Arena {
    /// A place of a map, and the way that was taken there.
    pub(super) fn site(
        &mut self,
        graph: &Graph,
        case: &Case,
        places: &[u32],
        larger: &HashMap<u32, [u32; 2]>,
    ) -> Result<u32, Unsupported> {
        let is_same = |map: &Map| map.identity == case.identity && map.inputs == case.inputs.len();
        let map = self.maps.iter().position(is_same).unwrap_or_else(|| {
            let (identity, inputs) = (case.identity, case.inputs.len());
            self.maps.push(Map { identity, inputs, arena: Self::default(), ways: Vec::new(), met: HashSet::new() });
            self.maps.len() - 1
        });
        self.maps[map].learn(graph, case, larger)?;
        let inputs = case.inputs.iter().map(|&at| places[at as usize]).collect();
        self.sites.push(Site { map, inputs });
        Ok((self.sites.len() - 1) as u32)
    }

    /// Learns from a recording at another point. Whether it had anything new.
    pub(super) fn learn(&mut self, sketch: &Sketch) -> Result<bool, Unsupported> {
        let mut larger: Option<HashMap<u32, [u32; 2]>> = None;
        if sketch.cases.len() != self.sites.len() {
            return Err(Unsupported("maps that branch at some points only"));
        }
        let mut is_new = false;
        for (case, site) in sketch.cases.iter().zip(&self.sites) {
            let map = &mut self.maps[site.map];
            if map.identity != case.identity {
                return Err(Unsupported("maps that change places"));
            }
            if map.met.insert(answers(&sketch.graph, case)) {
                let larger = larger.get_or_insert_with(|| sketch.larger.iter().copied().collect());
                is_new |= map.learn(&sketch.graph, case, larger)?;
            }
        }
        Ok(is_new)
    }
}

/// How the comparisons and choices of one call came out.
fn answers(graph: &Graph, case: &Case) -> Vec<(Place, bool)> {
    let comparisons = graph.comparisons[case.comparisons.clone()].iter().map(|c| (c.place, c.below));
    let preferences = graph.preferences[case.preferences.clone()].iter().map(|p| (p.place, p.below));
    comparisons.chain(preferences).collect()
}

impl Map {
    fn learn(&mut self, graph: &Graph, case: &Case, larger: &HashMap<u32, [u32; 2]>) -> Result<bool, Unsupported> {
        let mut places: HashMap<u32, u32> = HashMap::new();
        for (i, &input) in (0..).zip(&case.inputs) {
            let node = self.arena.push(Node::Input(i));
            places.entry(input).or_insert(node);
        }
        for at in case.nodes.clone() {
            let node = graph.nodes[at as usize];
            let own = |a: u32, arena: &mut Arena| match (places.get(&a), graph.nodes[a as usize].op) {
                (Some(&place), _) => Ok(place),
                (None, Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2) if !larger.contains_key(&a) => {
                    Ok(arena.constant(graph.nodes[a as usize].value))
                }
                _ => Err(Unsupported("a map that looks around itself")),
            };
            let arena = &mut self.arena;
            let binary = |op, a, b, arena: &mut Arena| Ok(Node::Binary(op, own(a, arena)?, own(b, arena)?));
            let node = match node.op {
                Op::Neg(a) => Node::Neg(own(a, arena)?),
                Op::Add(a, b) => binary(Binary::Add, a, b, arena)?,
                Op::Sub(a, b) => binary(Binary::Sub, a, b, arena)?,
                Op::Mul(a, b) => binary(Binary::Mul, a, b, arena)?,
                Op::Div(a, b) => binary(Binary::Div, a, b, arena)?,
                Op::Apply(function, a) => Node::Apply(function, own(a, arena)?),
                Op::Returned(a) => {
                    let place = own(a, arena)?;
                    places.insert(at, place);
                    continue;
                }
                Op::Input(_) | Op::Root(_) => return Err(Unsupported("an equation in a map")),
                Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 => match larger.get(&at) {
                    Some(&[a, b]) => binary(Binary::Max, a, b, arena)?,
                    None => Node::Constant(node.value.to_bits()),
                },
            };
            places.insert(at, self.arena.push(node));
        }
        let constant = |at: u32| Node::Constant(graph.nodes[at as usize].value.to_bits());
        let place = |at: u32, arena: &mut Arena| places.get(&at).copied().unwrap_or_else(|| arena.push(constant(at)));
        let comparisons = &graph.comparisons[case.comparisons.clone()];
        let mut conditions = Vec::with_capacity(comparisons.len());
        for c in comparisons {
            conditions.push((place(c.left, &mut self.arena), place(c.right, &mut self.arena), c.below));
        }
        let sources = case.outputs.map(|output| match graph.nodes[output as usize].op {
            Op::Returned(source) => source,
            _ => output,
        });
        let outputs = sources.map(|at| place(at, &mut self.arena));
        let preferences = graph.preferences[case.preferences.clone()].iter().map(|p| (p.place, p.below)).collect();
        let way = Way { conditions, preferences, outputs };
        match self.ways.iter().find(|known| known.conditions == way.conditions) {
            Some(known) if known.preferences == way.preferences && known.outputs != way.outputs => {
                Err(Unsupported("a map that is not the same everywhere"))
            }
            Some(_) => Ok(false),
            None => {
                self.ways.push(way);
                Ok(true)
            }
        }
    }

    /// Results at each place: the image and, with derivatives, the log of the slope and the derivatives.
    pub(super) fn outputs(&self, differentiate: bool) -> usize {
        if differentiate { 2 + self.inputs } else { 1 }
    }

    /// Operations on the longest way.
    pub(super) fn flops(&self) -> f64 {
        self.arena.nodes.len() as f64
    }

    /// The program of all ways, at places whose arguments are in these slots.
    pub(super) fn compile(&mut self, differentiate: bool) -> Result<Compiled, Unsupported> {
        let mut comparisons: Vec<(u32, u32)> = Vec::new();
        let mut bits = Vec::new();
        for way in &self.ways {
            let (mut mask, mut outcomes) = (0u64, 0u64);
            for &(left, right, below) in &way.conditions {
                let bit = comparisons.iter().position(|&known| known == (left, right)).unwrap_or_else(|| {
                    comparisons.push((left, right));
                    comparisons.len() - 1
                });
                if bit >= 64 {
                    return Err(Unsupported("a map of more than 64 comparisons"));
                }
                mask |= 1 << bit;
                outcomes |= u64::from(below) << bit;
            }
            bits.push((mask, outcomes));
        }
        let mut results = Vec::new();
        for at in 0..self.ways.len() {
            let [value, log] = self.ways[at].outputs;
            let mut all = vec![Some(value)];
            if differentiate {
                all.push(Some(log));
                all.extend(self.gradient(value)?);
            }
            results.push(all);
        }
        let arena = &self.arena;
        let ends: Vec<u32> = comparisons.iter().flat_map(|&(a, b)| [a, b]).collect();
        let common = wanted(arena, &ends, true);
        let mut scheduler = Scheduler::new(arena, self.inputs);
        scheduler.all(&common);
        let comparisons = comparisons.into_iter().map(|(a, b)| (scheduler.slot(a), scheduler.slot(b))).collect();
        let mut paths = Vec::new();
        for ((mask, outcomes), results) in bits.into_iter().zip(results) {
            let ends: Vec<u32> = results.iter().flatten().copied().collect();
            // What the conditions computed already, as far as this way begins with it.
            let is_common = |at: u32| common[at as usize] || matches!(arena.nodes[at as usize], Node::Input(_));
            let (mut own, mut imported) = (vec![false; arena.nodes.len()], Vec::new());
            let mut open = ends;
            while let Some(at) = open.pop() {
                if std::mem::replace(&mut own[at as usize], true) || arena.value(at).is_some() {
                    continue;
                }
                if is_common(at) {
                    imported.push(at);
                } else {
                    open.extend(arena.nodes[at as usize].arguments());
                }
            }
            let imports = imported
                .iter()
                .map(|&at| match arena.nodes[at as usize] {
                    Node::Input(i) => i,
                    _ => scheduler.slot(at),
                })
                .collect();
            let mut way = Scheduler::beginning_with(arena, &imported);
            way.all(&own);
            let outputs = results.iter().map(|node| node.map(|node| way.slot(node))).collect();
            paths.push(Path { mask, outcomes, program: way.program, imports, outputs });
        }
        Ok((scheduler.program, comparisons, paths))
    }

    /// The derivatives of a node by every input, in reverse.
    fn gradient(&mut self, of: u32) -> Result<Vec<Option<u32>>, Unsupported> {
        let arena = &mut self.arena;
        let mut adjoints: BTreeMap<u32, u32> = BTreeMap::new();
        let mut by_input = vec![None; self.inputs];
        let one = arena.constant(1.0);
        adjoints.insert(of, one);
        while let Some((at, adjoint)) = adjoints.pop_last() {
            let mut add = |to: u32, value: u32, arena: &mut Arena| {
                if arena.value(to).is_none() {
                    let sum = adjoints.get(&to).map_or(value, |&known| arena.binary(Binary::Add, known, value));
                    adjoints.insert(to, sum);
                }
            };
            match arena.nodes[at as usize] {
                Node::Input(i) => by_input[i as usize] = Some(adjoint),
                Node::Neg(a) => {
                    let negative = arena.push(Node::Neg(adjoint));
                    add(a, negative, arena);
                }
                Node::Binary(Binary::Add, a, b) => {
                    add(a, adjoint, arena);
                    add(b, adjoint, arena);
                }
                Node::Binary(Binary::Sub, a, b) => {
                    add(a, adjoint, arena);
                    let negative = arena.push(Node::Neg(adjoint));
                    add(b, negative, arena);
                }
                Node::Binary(Binary::Mul, a, b) => {
                    let (left, right) = (arena.times(adjoint, b), arena.times(adjoint, a));
                    add(a, left, arena);
                    add(b, right, arena);
                }
                Node::Binary(Binary::Div, a, b) => {
                    let left = arena.binary(Binary::Div, adjoint, b);
                    let right = arena.times(left, at);
                    let right = arena.push(Node::Neg(right));
                    add(a, left, arena);
                    add(b, right, arena);
                }
                Node::Binary(Binary::Max, a, b) => {
                    let reaches = arena.binary(Binary::Reaches, a, b);
                    let rest = arena.binary(Binary::Sub, one, reaches);
                    let (left, right) = (arena.times(adjoint, reaches), arena.times(adjoint, rest));
                    add(a, left, arena);
                    add(b, right, arena);
                }
                Node::Apply(function, a) => {
                    let slope = slope(arena, function, a, at)?;
                    let value = arena.times(adjoint, slope);
                    add(a, value, arena);
                }
                _ => {}
            }
        }
        Ok(by_input)
    }
}

/// What the conditions compute, what they compare, and the ways.
pub(super) type Compiled = (Program, Vec<(u32, u32)>, Vec<Path>);

/// The step for a map at some places.
pub(super) fn step((conditions, comparisons, paths): &Compiled, places: Vec<Vec<u32>>, to: u32) -> Cases {
    Cases { places, conditions: conditions.clone(), comparisons: comparisons.clone(), paths: paths.clone(), to }
}
