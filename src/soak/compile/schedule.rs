//! The order in which a batch is computed: level by level, equal operations on neighbouring slots in one step.

use std::collections::HashMap;

use pushforward_lanes::{Linear, Program, Root, Run, Step, Unary};

use super::arena::{Arena, Node};
use super::cases::{Compiled, step};
use super::groups::{Group, arena_map, depth_of, depths, groups};
use crate::scalar::Function;

pub(super) struct Scheduler<'a> {
    arena: &'a Arena,
    pub program: Program,
    slots: Vec<Option<u32>>,
    constants: HashMap<u64, u32>,
    /// Of every map that branches, and how many results it has at each place.
    pub maps: Vec<(Compiled, usize)>,
    /// Levels of maps, by map and depth, and their places.
    cases: HashMap<(usize, u32), (u32, Vec<u32>)>,
}

/// What is alike in operations that one step can carry out.
type Kind = (u8, u32, u32);

impl<'a> Scheduler<'a> {
    /// With the inputs in the first slots.
    pub(super) fn new(arena: &'a Arena, dim: usize) -> Self {
        let program = Program { slots: dim, ..Program::default() };
        Self {
            arena,
            program,
            slots: vec![None; arena.nodes.len()],
            constants: HashMap::new(),
            maps: Vec::new(),
            cases: HashMap::new(),
        }
    }

    /// With these nodes in the first slots.
    pub(super) fn beginning_with(arena: &'a Arena, nodes: &[u32]) -> Self {
        let mut scheduler = Self::new(arena, nodes.len());
        (0..).zip(nodes).for_each(|(slot, &node)| scheduler.slots[node as usize] = Some(slot));
        scheduler
    }

    /// The slot of a node: of a constant wherever it is.
    pub(super) fn slot(&mut self, node: u32) -> u32 {
        match (self.slots[node as usize], self.arena.nodes[node as usize]) {
            (Some(slot), _) => slot,
            (None, Node::Constant(bits)) => {
                if let Some(&slot) = self.constants.get(&bits) {
                    return slot;
                }
                let slot = self.new_constant(f64::from_bits(bits));
                self.constants.insert(bits, slot);
                slot
            }
            (None, _) => u32::MAX,
        }
    }

    fn new_constant(&mut self, value: f64) -> u32 {
        let slot = self.take(1);
        self.program.constants.push((slot, value));
        slot
    }

    fn take(&mut self, n: usize) -> u32 {
        self.program.slots += n;
        (self.program.slots - n) as u32
    }

    /// Everything that `wanted` says.
    pub(super) fn all(&mut self, wanted: &[bool]) {
        let arena = self.arena;
        let groups = groups(arena, wanted);
        let mut group_of = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            group.rows.iter().for_each(|&row| {
                group_of.insert(row, at);
            });
        }
        // Dot products of a depth come before whatever else is as deep, and have no node of that depth as argument.
        let depths = depths(arena);
        let is_early = |at: usize| matches!(arena.nodes[at], Node::Dot(_) | Node::Root(_) | Node::Case(..));
        let mut order: Vec<u32> = (0..arena.nodes.len() as u32).filter(|&at| wanted[at as usize]).collect();
        order.sort_by_key(|&at| (depths[at as usize], !is_early(at as usize), at));
        let mut wanted_sites = vec![false; arena.sites.len()];
        for &at in &order {
            if let Node::Case(i, _) = arena.nodes[at as usize] {
                wanted_sites[i as usize] = true;
            }
        }
        let mut levels = vec![0u32; arena.nodes.len()];
        let mut group_levels = vec![0u32; groups.len()];
        let mut by_level: Vec<Vec<u32>> = Vec::new();
        for &at in &order {
            let above = |all: &mut dyn Iterator<Item = u32>| all.map(|a| levels[a as usize] + 1).max().unwrap_or(0);
            if self.slots[at as usize].is_some() {
                continue;
            }
            let level = match arena.nodes[at as usize] {
                Node::Input(i) => {
                    self.slots[at as usize] = Some(i);
                    continue;
                }
                Node::Constant(_) | Node::Variable(_) => continue,
                Node::Dot(i) => {
                    let group = group_of[&i];
                    if group_levels[group] == 0 {
                        let longest = &arena.dots[groups[group].longest as usize];
                        group_levels[group] = above(&mut longest.arguments.iter().copied()).max(1);
                    }
                    group_levels[group]
                }
                Node::Case(i, _) => {
                    let map = arena.sites[i as usize].map;
                    let (level, _) = self.cases.entry((map, depths[at as usize])).or_insert_with(|| {
                        let same = |j: &u32| {
                            let site = &arena.sites[*j as usize];
                            site.map == map
                                && wanted_sites[*j as usize]
                                && depth_of(&depths, &site.inputs) == depths[at as usize]
                        };
                        let places: Vec<u32> = (0..arena.sites.len() as u32).filter(same).collect();
                        let inputs = places.iter().flat_map(|&j| &arena.sites[j as usize].inputs).copied();
                        (above(&mut inputs.into_iter()).max(1), places)
                    });
                    *level
                }
                Node::Root(i) => {
                    let equation = arena.equations[i as usize];
                    let (_, outside) = self.equation(i);
                    above(&mut equation.bracket.into_iter().chain(outside)).max(1)
                }
                node => above(&mut node.arguments()).max(1),
            };
            levels[at as usize] = level;
            let level = level as usize;
            if by_level.len() <= level {
                by_level.resize_with(level + 1, Vec::new);
            }
            by_level[level].push(at);
        }
        for nodes in by_level {
            self.level(nodes, &groups, &group_of, &depths);
        }
    }

    /// The nodes of an equation that depend on its variable, in order, and the others that these need.
    fn equation(&self, number: u32) -> (Vec<u32>, Vec<u32>) {
        let mut met: HashMap<u32, bool> = HashMap::new();
        let mut open: Vec<(u32, bool)> =
            self.arena.equations[number as usize].residual.iter().map(|&r| (r, false)).collect();
        while let Some((at, is_done)) = open.pop() {
            let node = self.arena.nodes[at as usize];
            if is_done {
                let depends = node == Node::Variable(number) || node.arguments().any(|a| met.get(&a) == Some(&true));
                met.insert(at, depends);
            } else if !met.contains_key(&at) {
                open.push((at, true));
                open.extend(node.arguments().map(|a| (a, false)));
            }
        }
        let mut inside: Vec<u32> = met.iter().filter(|(_, depends)| **depends).map(|(&at, _)| at).collect();
        inside.sort_unstable();
        let mut outside: Vec<u32> =
            inside.iter().flat_map(|&at| self.arena.nodes[at as usize].arguments()).filter(|a| !met[a]).collect();
        outside.extend(self.arena.equations[number as usize].residual.iter().filter(|r| !met[r]));
        outside.sort_unstable();
        outside.dedup();
        (inside, outside)
    }

    /// What a root needs beside its bracket.
    pub(super) fn outside(arena: &'a Arena, number: u32) -> Vec<u32> {
        Self::new(arena, 0).equation(number).1
    }

    fn level(&mut self, nodes: Vec<u32>, groups: &[Group], group_of: &HashMap<u32, usize>, depths: &[u32]) {
        let mut simple: HashMap<Kind, Vec<u32>> = HashMap::new();
        let mut done = vec![false; groups.len()];
        for at in nodes {
            match self.arena.nodes[at as usize] {
                Node::Dot(i) => {
                    let group = group_of[&i];
                    if !std::mem::replace(&mut done[group], true) {
                        self.linear(&groups[group]);
                    }
                }
                Node::Root(i) => self.root(at, i),
                // All at once; the others find their slots taken.
                Node::Case(i, _) if self.slots[at as usize].is_none() => {
                    self.case((arena_map(self.arena, i), depths[at as usize]));
                }
                Node::Case(..) => {}
                node => simple.entry(kind(node)).or_default().push(at),
            }
        }
        let mut kinds: Vec<(Kind, Vec<u32>)> = simple.into_iter().collect();
        kinds.sort_unstable();
        for (_, nodes) in kinds {
            let steps = self.runs(nodes);
            self.program.steps.extend(steps);
        }
    }

    fn linear(&mut self, group: &Group) {
        let arena = self.arena;
        let indices = arena.dots[group.longest as usize].arguments.iter().map(|&a| self.slot(a)).collect();
        let rows: Vec<&[f64]> = group.rows.iter().map(|&row| arena.dots[row as usize].weights.as_slice()).collect();
        let to = self.take(rows.len());
        for (slot, &row) in (to..).zip(&group.rows) {
            self.slots[arena.dots[row as usize].node as usize] = Some(slot);
        }
        self.program.steps.push(Step::Linear(self.program.linear.len(), to));
        self.program.linear.push(Linear::new(indices, &rows));
    }

    /// A map at all its places of one depth.
    fn case(&mut self, key: (usize, u32)) {
        let Some((_, sites)) = self.cases.remove(&key) else { return };
        let count = self.maps[key.0].1;
        let places = sites.iter().map(|&site| {
            let inputs = &self.arena.sites[site as usize].inputs;
            inputs.iter().map(|&input| self.slot(input)).collect()
        });
        let places = places.collect::<Vec<Vec<u32>>>();
        let to = self.take(sites.len() * count);
        let first: HashMap<u32, u32> =
            sites.iter().zip(0u32..).map(|(&site, at)| (site, to + at * count as u32)).collect();
        for (at, node) in self.arena.nodes.iter().enumerate() {
            if let Node::Case(site, output) = node
                && let Some(first) = first.get(site)
                && (*output as usize) < count
            {
                self.slots[at] = Some(first + output);
            }
        }
        self.program.steps.push(Step::Cases(self.program.cases.len()));
        self.program.cases.push(step(&self.maps[key.0].0, places, to));
    }

    fn root(&mut self, at: u32, number: u32) {
        let equation = self.arena.equations[number as usize];
        let (inside, _) = self.equation(number);
        let bracket = equation.bracket.map(|end| self.slot(end));
        let variable = self.take(1);
        let mut body = Vec::new();
        for node in inside {
            match self.arena.nodes[node as usize] {
                Node::Variable(_) => self.slots[node as usize] = Some(variable),
                _ => body.extend(self.runs(vec![node])),
            }
        }
        let residual = equation.residual.map(|end| self.slot(end));
        let start = self.program.bodies.len();
        self.program.bodies.extend(body);
        self.program.steps.push(Step::Root(self.program.roots.len()));
        let body = start..self.program.bodies.len();
        self.program.roots.push(Root { variable, bracket, residual, body });
        self.slots[at as usize] = Some(variable);
    }

    /// Steps for nodes of one kind.
    fn runs(&mut self, nodes: Vec<u32>) -> Vec<Step> {
        let arena = self.arena;
        // Constants have no place yet: they get one where they are used.
        let place = |this: &Self, a: u32| this.slots[a as usize];
        let mut pairs: Vec<([Option<u32>; 2], u32)> = nodes
            .into_iter()
            .map(|at| {
                let mut arguments = arena.nodes[at as usize].arguments().map(|a| place(self, a));
                ([arguments.next().flatten(), arguments.next().flatten()], at)
            })
            .collect();
        pairs.sort_unstable();
        let mut steps = Vec::new();
        let mut rest = pairs.as_slice();
        while let Some((&(first, at), _)) = rest.split_first() {
            let follows = |from: Option<u32>, n: usize, to: Option<u32>, moves: bool| match (from, to) {
                (Some(from), Some(to)) => to == from + if moves { n as u32 } else { 0 },
                (None, None) => true,
                _ => false,
            };
            let longest = |moves: [bool; 2]| {
                let fits = |(n, (slots, _)): &(usize, &([Option<u32>; 2], u32))| {
                    follows(first[0], *n, slots[0], moves[0]) && follows(first[1], *n, slots[1], moves[1])
                };
                rest.iter().enumerate().take_while(fits).count()
            };
            let choices = [[true, true], [true, false], [false, true], [false, false]];
            let (n, moves) = choices
                .into_iter()
                .map(|moves| (longest(moves), moves))
                .max_by_key(|(n, _)| *n)
                .unwrap_or((1, [true; 2]));
            let (run, left) = rest.split_at(n.max(1));
            rest = left;
            let node = arena.nodes[at as usize];
            let mut arguments = Vec::new();
            for (side, a) in node.arguments().enumerate() {
                if let Some(slot) = first[side] {
                    arguments.push((slot, moves[side]));
                    continue;
                }
                let values: Vec<f64> = run
                    .iter()
                    .filter_map(|(_, at)| arena.nodes[*at as usize].arguments().nth(side).and_then(|a| arena.value(a)))
                    .collect();
                if values.iter().all(|v| v.to_bits() == values[0].to_bits()) {
                    arguments.push((self.slot(a), false));
                } else {
                    let slots: Vec<u32> = values.into_iter().map(|value| self.new_constant(value)).collect();
                    arguments.push((slots[0], true));
                }
            }
            let to = self.take(run.len());
            for (slot, (_, at)) in (to..).zip(run) {
                self.slots[*at as usize] = Some(slot);
            }
            let (from, is_moving) = arguments[0];
            let place = Run { n: run.len(), to, from, moves: is_moving };
            match node {
                Node::Binary(op, ..) => steps.push(Step::Binary(op, place, arguments[1].0, arguments[1].1)),
                // A function of one slot again and again cannot occur twice.
                Node::Apply(function, _) => steps.push(Step::Unary(unary(function), place)),
                _ => steps.push(Step::Unary(Unary::Neg, place)),
            }
        }
        steps
    }
}

fn kind(node: Node) -> Kind {
    match node {
        Node::Binary(op, ..) => (0, op as u32, 0),
        Node::Apply(function, _) => (1, function as u32, 0),
        _ => (2, 0, 0),
    }
}

fn unary(function: Function) -> Unary {
    macro_rules! other {
        ($($function:ident),*) => {
            match function {
                Function::Exp => Unary::Exp,
                Function::Ln => Unary::Ln,
                Function::LnAbs => Unary::LnAbs,
                Function::Sqrt => Unary::Sqrt,
                Function::Tanh => Unary::Tanh,
                Function::Ln1p => Unary::Ln1p,
                Function::Sigmoid => Unary::Sigmoid,
                Function::Softplus => Unary::Softplus,
                Function::Sech2 => Unary::Sech2,
                $( Function::$function => Unary::Other(|x| Function::$function.value(x)), )*
            }
        };
    }
    other!(Sin, Cos, Sinh, Cosh, Asinh, Atan, NormalCdf, ExpM1, LnCosh)
}
