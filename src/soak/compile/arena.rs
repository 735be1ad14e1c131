//! Formulas with equal parts shared.

use std::collections::HashMap;
use std::sync::Arc;

use pushforward_lanes::Binary;

use super::Unsupported;
use super::cases::Map;
use crate::scalar::{Function, Graph, Op, Sketch};

/// One operation; arguments are earlier nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Input(u32),
    /// By the bits of the f64.
    Constant(u64),
    Neg(u32),
    Binary(Binary, u32, u32),
    Apply(Function, u32),
    /// A dot product, by its number.
    Dot(u32),
    /// What an equation is solved for, inside it.
    Variable(u32),
    /// The root of an equation.
    Root(u32),
    /// What a map that branches gives at one of its places: its image, the log of its slope, the derivatives of its
    /// image by what it is given.
    Case(u32, u32),
}

impl Node {
    /// The arguments, but for those of dot products and equations.
    pub(super) fn arguments(self) -> impl Iterator<Item = u32> {
        let (a, b) = match self {
            Self::Neg(a) | Self::Apply(_, a) => (Some(a), None),
            Self::Binary(_, a, b) => (Some(a), Some(b)),
            _ => (None, None),
        };
        a.into_iter().chain(b)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dot {
    pub node: u32,
    pub weights: Vec<f64>,
    pub arguments: Arc<[u32]>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Equation {
    pub bracket: [u32; 2],
    /// Value and slope, of the variable.
    pub residual: [u32; 2],
}

/// A place of a map that branches.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub map: usize,
    pub inputs: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Arena {
    pub nodes: Vec<Node>,
    pub dots: Vec<Dot>,
    pub equations: Vec<Equation>,
    pub sites: Vec<Site>,
    pub maps: Vec<Map>,
    known: HashMap<Node, u32>,
    known_dots: HashMap<(u64, Arc<[u32]>), Vec<u32>>,
}

impl Arena {
    pub(super) fn constant(&mut self, value: f64) -> u32 {
        self.push(Node::Constant(value.to_bits()))
    }

    pub(super) fn value(&self, node: u32) -> Option<f64> {
        match self.nodes[node as usize] {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// The place of an operation; one on constants is carried out.
    pub(super) fn push(&mut self, node: Node) -> u32 {
        let folded = match node {
            Node::Neg(a) => self.value(a).map(|a| -a),
            Node::Apply(function, a) => self.value(a).map(|a| function.value(a)),
            Node::Binary(op, a, b) => self.value(a).zip(self.value(b)).map(|(a, b)| match op {
                Binary::Add => a + b,
                Binary::Sub => a - b,
                Binary::Mul => a * b,
                Binary::Div => a / b,
                Binary::Max if a < b => b,
                Binary::Max => a,
                Binary::Reaches if a < b => 0.0,
                Binary::Reaches => 1.0,
            }),
            _ => None,
        };
        let node = folded.map_or(node, |value| Node::Constant(value.to_bits()));
        match node {
            // Exact whatever the other is.
            Node::Binary(Binary::Mul, a, b) if self.value(a) == Some(1.0) => return b,
            Node::Binary(Binary::Mul | Binary::Div, a, b) if self.value(b) == Some(1.0) => return a,
            // (1 − tanh)(1 + tanh), the hyperbolic tangent being there as a rule.
            Node::Apply(Function::Sech2, a) => {
                let (one, tanh) = (self.constant(1.0), self.push(Node::Apply(Function::Tanh, a)));
                let (below, above) = (self.binary(Binary::Sub, one, tanh), self.binary(Binary::Add, one, tanh));
                return self.binary(Binary::Mul, below, above);
            }
            _ => {}
        }
        let nodes = &mut self.nodes;
        *self.known.entry(node).or_insert_with(|| {
            nodes.push(node);
            (nodes.len() - 1) as u32
        })
    }

    pub(super) fn binary(&mut self, op: Binary, a: u32, b: u32) -> u32 {
        self.push(Node::Binary(op, a, b))
    }

    /// A product of derivatives, of which many are 1.
    pub(super) fn times(&mut self, a: u32, b: u32) -> u32 {
        match (self.value(a), self.value(b)) {
            (Some(1.0), _) => b,
            (_, Some(1.0)) => a,
            (Some(-1.0), None) => self.push(Node::Neg(b)),
            (None, Some(-1.0)) => self.push(Node::Neg(a)),
            _ => self.binary(Binary::Mul, a, b),
        }
    }

    fn dot(&mut self, weights: Vec<f64>, arguments: Arc<[u32]>) -> u32 {
        let bits = weights.iter().fold(0u64, |hash, w| hash.rotate_left(7).wrapping_mul(31) ^ w.to_bits());
        let same = self.known_dots.entry((bits, Arc::clone(&arguments))).or_default();
        if let Some(&index) = same.iter().find(|&&index| self.dots[index as usize].weights == weights) {
            return self.dots[index as usize].node;
        }
        let index = self.dots.len() as u32;
        same.push(index);
        self.nodes.push(Node::Dot(index));
        let node = (self.nodes.len() - 1) as u32;
        self.dots.push(Dot { node, weights, arguments });
        node
    }

    /// Takes in a recording; returns the place of each of its nodes.
    pub(super) fn import(&mut self, sketch: Sketch) -> Result<(Graph, Vec<u32>), Unsupported> {
        let Sketch { graph, dots, brackets, larger, cases } = sketch;
        let mut cases = cases.into_iter().peekable();
        let mut import = Import {
            larger: larger.into_iter().collect(),
            places: vec![u32::MAX; graph.nodes.len()],
            dots: dots.into_iter().map(|dot| (dot.node, (dot.weights, dot.arguments))).collect(),
            shared: HashMap::new(),
            arena: self,
        };
        let mut at = 0;
        while at < graph.nodes.len() {
            if let Some(case) = cases.next_if(|case| case.nodes.start as usize == at) {
                let site = import.arena.site(&graph, &case, &import.places, &import.larger)?;
                for (output, node) in (0..).zip(case.outputs) {
                    import.places[node as usize] = import.arena.push(Node::Case(site, output));
                }
                at = case.nodes.end as usize + 2;
                continue;
            }
            if let Op::Root(index) = graph.nodes[at].op {
                let root = graph.roots[index as usize];
                let Some((_, ends)) = brackets.iter().rev().find(|(i, _)| *i == index) else {
                    return Err(Unsupported("an equation without a bracket"));
                };
                let inside = at + 1..root.end as usize;
                if inside
                    .clone()
                    .any(|i| matches!(graph.nodes[i].op, Op::Root(_)) || import.dots.contains_key(&(i as u32)))
                {
                    return Err(Unsupported("an equation with an equation or a matrix inside"));
                }
                let number = import.arena.equations.len() as u32;
                let bracket = ends.map(|end| import.places[end as usize]);
                import.places[at] = import.arena.push(Node::Variable(number));
                inside.clone().for_each(|i| import.node(&graph, i));
                let residual = [root.residual, root.slope].map(|end| import.places[end as usize]);
                import.arena.equations.push(Equation { bracket, residual });
                // What follows uses the same nodes at the root.
                import.places[at] = import.arena.push(Node::Root(number));
                inside.clone().for_each(|i| import.node(&graph, i));
                at = inside.end;
                continue;
            }
            import.node(&graph, at);
            at += 1;
        }
        let places = import.places;
        Ok((graph, places))
    }
}

/// What a matrix is multiplied by.
type Arguments = Arc<[u32]>;

struct Import<'a> {
    arena: &'a mut Arena,
    places: Vec<u32>,
    larger: HashMap<u32, [u32; 2]>,
    dots: HashMap<u32, (Vec<f64>, Arc<[u32]>)>,
    /// Argument lists of the recording, translated once for all rows that share them.
    shared: HashMap<*const u32, [Arguments; 2]>,
}

impl Import<'_> {
    fn node(&mut self, graph: &Graph, at: usize) {
        let node = graph.nodes[at];
        let place = |a: u32| self.places[a as usize];
        self.places[at] = match node.op {
            Op::Input(i) => self.arena.push(Node::Input(i)),
            Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Root(_) => {
                if let Some((weights, arguments)) = self.dots.remove(&(at as u32)) {
                    let places = &self.places;
                    let translate = || arguments.iter().map(|&a| places[a as usize]).collect::<Arc<[u32]>>();
                    // The list is kept beside its translation, so that its address stays its own.
                    let entry = self.shared.entry(arguments.as_ptr());
                    let translated = Arc::clone(&entry.or_insert_with(|| [Arc::clone(&arguments), translate()])[1]);
                    self.arena.dot(weights, translated)
                } else if let Some(&[a, b]) = self.larger.get(&(at as u32)) {
                    self.arena.binary(Binary::Max, place(a), place(b))
                } else {
                    self.arena.constant(node.value)
                }
            }
            Op::Neg(a) => self.arena.push(Node::Neg(place(a))),
            Op::Add(a, b) => self.arena.push(Node::Binary(Binary::Add, place(a), place(b))),
            Op::Sub(a, b) => self.arena.push(Node::Binary(Binary::Sub, place(a), place(b))),
            Op::Mul(a, b) => self.arena.push(Node::Binary(Binary::Mul, place(a), place(b))),
            Op::Div(a, b) => self.arena.push(Node::Binary(Binary::Div, place(a), place(b))),
            Op::Apply(function, a) => self.arena.push(Node::Apply(function, place(a))),
            Op::Returned(a) => place(a),
        };
    }
}
