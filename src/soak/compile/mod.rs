//! From the recorded formula of a layer to a program that runs at a batch of points and carries a Jacobian.

mod arena;
mod cases;
mod groups;
mod partials;
mod schedule;

use std::collections::HashMap;

use pushforward_lanes::{Block, Entry, Local, ONE, Program};

use crate::scalar::Sketch;
use arena::{Arena, Node};
use groups::{Group, groups};
use partials::{Partials, Source, partials};
use schedule::Scheduler;

/// Why a formula is not compiled: it is then evaluated as the layer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsupported(pub &'static str);

/// Places of maps that branch at which nothing new was seen, one after the other, after which no more are looked at.
const ENOUGH: usize = 512;

/// A compiled formula `ℝᵈ → ℝᵈ × ℝ`. Inputs are in the first `d` slots.
#[derive(Debug)]
pub(super) struct Formula {
    pub program: Program,
    /// Slots of the image.
    pub point: Vec<u32>,
    /// Slot of the log-det, where derivatives were asked.
    pub log_det: u32,
    /// Comparisons, by slots, and the outcome for which the formula holds.
    pub comparisons: Vec<(u32, u32, bool)>,
    /// The derivatives, where they were asked.
    pub local: Option<Local>,
    /// Whether no derivative depends on the point.
    pub is_linear: bool,
    /// Operations in one evaluation at one point.
    pub flops: f64,
}

impl Formula {
    /// From a recording, and from others as long as `more` has any: from these only the ways are learnt that maps which
    /// branch can take.
    pub(super) fn new(
        sketch: Sketch,
        mut more: impl Iterator<Item = Sketch>,
        dim: usize,
        differentiate: bool,
    ) -> Result<Self, Unsupported> {
        let mut arena = Arena::default();
        let inside: Vec<std::ops::Range<usize>> = sketch.cases.iter().map(|case| case.comparisons.clone()).collect();
        let (graph, places) = arena.import(sketch)?;
        if !arena.sites.is_empty() {
            let mut old = 0;
            while old * arena.sites.len() < ENOUGH
                && let Some(sketch) = more.next()
            {
                old = if arena.learn(&sketch)? { 0 } else { old + 1 };
            }
        }
        let place = |at: u32| places[at as usize];
        let point: Vec<u32> = graph.point.iter().map(|&at| place(at)).collect();
        let log_det = place(graph.log_det);
        let comparisons: Vec<(u32, u32, bool)> = graph
            .comparisons
            .iter()
            .enumerate()
            .filter(|(at, _)| !inside.iter().any(|own| own.contains(at)))
            .map(|(_, c)| (place(c.left), place(c.right), c.below))
            .collect();
        drop((graph, places));

        let derivative = differentiate.then(|| Derivative::new(&mut arena, &point)).transpose()?;
        let mut ends: Vec<u32> = point.clone();
        // Of an inverse only the point is looked at.
        ends.extend(differentiate.then_some(log_det));
        ends.extend(comparisons.iter().flat_map(|c| [c.0, c.1]));
        ends.extend(derivative.iter().flat_map(Derivative::nodes));
        let wanted = wanted(&arena, &ends, true);
        let mut maps = std::mem::take(&mut arena.maps);
        let outputs = |map: &cases::Map| map.outputs(differentiate);
        let compiled =
            maps.iter_mut().map(|map| Ok((map.compile(differentiate)?, outputs(map)))).collect::<Result<_, _>>()?;
        let mut scheduler = Scheduler::new(&arena, dim);
        scheduler.maps = compiled;
        // Inputs that nothing needs have their slots all the same.
        scheduler.all(&wanted);
        let flops = arena.nodes.iter().zip(&wanted).filter(|(_, w)| **w).map(|(node, _)| match node {
            Node::Dot(i) => 2.0 * arena.dots[*i as usize].weights.len() as f64,
            Node::Case(site, 0) => maps[arena.sites[*site as usize].map].flops(),
            Node::Input(_) | Node::Constant(_) | Node::Variable(_) | Node::Case(..) => 0.0,
            _ => 1.0,
        });
        let flops = flops.sum();
        let point: Vec<u32> = point.into_iter().map(|node| scheduler.slot(node)).collect();
        let log_det = if differentiate { scheduler.slot(log_det) } else { 0 };
        let comparisons =
            comparisons.into_iter().map(|(a, b, below)| (scheduler.slot(a), scheduler.slot(b), below)).collect();
        let is_linear = derivative.as_ref().is_some_and(|d| d.nodes().all(|node| arena.value(node).is_some()));
        let local = derivative.map(|d| d.local(&arena, &mut scheduler, dim));
        Ok(Self { program: scheduler.program, point, log_det, comparisons, local, is_linear, flops })
    }
}

/// The nodes that `ends` need; without `through`, matrices are ends, too.
fn wanted(arena: &Arena, ends: &[u32], through: bool) -> Vec<bool> {
    let mut wanted = vec![false; arena.nodes.len()];
    let mut open = ends.to_vec();
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut wanted[at as usize], true) {
            continue;
        }
        let node = arena.nodes[at as usize];
        open.extend(node.arguments());
        match node {
            Node::Case(i, _) => open.extend(arena.sites[i as usize].inputs.iter()),
            Node::Dot(i) if through => open.extend(arena.dots[i as usize].arguments.iter()),
            Node::Root(i) => {
                open.extend(arena.equations[i as usize].bracket);
                open.extend(Scheduler::outside(arena, i));
            }
            _ => {}
        }
    }
    wanted
}

/// The sparse partials of a formula between its matrices, as nodes.
struct Derivative {
    outputs: Vec<Partials>,
    groups: Vec<Group>,
    /// Of each matrix's arguments.
    arguments: Vec<Vec<Partials>>,
}

impl Derivative {
    fn new(arena: &mut Arena, point: &[u32]) -> Result<Self, Unsupported> {
        let all = wanted(arena, point, true);
        let groups = groups(arena, &all);
        let partials = partials(arena, &all)?;
        let of = |&node: &u32| partials[node as usize].clone();
        let arguments =
            groups.iter().map(|group| arena.dots[group.longest as usize].arguments.iter().map(of).collect());
        Ok(Self { outputs: point.iter().map(of).collect(), arguments: arguments.collect(), groups })
    }

    fn nodes(&self) -> impl Iterator<Item = u32> {
        self.outputs.iter().chain(self.arguments.iter().flatten()).flat_map(|p| p.iter().map(|&(_, node)| node))
    }

    fn local(self, arena: &Arena, scheduler: &mut Scheduler<'_>, dim: usize) -> Local {
        let mut of_dot = HashMap::new();
        for (k, group) in self.groups.iter().enumerate() {
            (0u32..).zip(&group.rows).for_each(|(row, &dot)| {
                of_dot.insert(dot, (k, row));
            });
        }
        let mut split = |rows: &[Partials]| {
            let (mut inputs, mut chained) = (Vec::new(), vec![Vec::new(); self.groups.len()]);
            for (row, partials) in (0u32..).zip(rows) {
                for &(source, node) in partials.iter() {
                    let slot = match arena.value(node) {
                        Some(1.0) => ONE,
                        Some(0.0) => continue,
                        _ => scheduler.slot(node),
                    };
                    match source {
                        Source::Input(column) => inputs.push(Entry { row, column, slot }),
                        Source::Dot(dot) => {
                            let (k, column) = of_dot[&dot];
                            chained[k].push(Entry { row, column, slot });
                        }
                    }
                }
            }
            (inputs, chained)
        };
        let (direct, ends) = split(&self.outputs);
        let mut blocks = Vec::with_capacity(self.groups.len());
        for (group, arguments) in self.groups.iter().zip(&self.arguments) {
            let n = arguments.len();
            let mut weights = vec![0.0; group.rows.len() * n];
            for (row, &dot) in weights.chunks_exact_mut(n.max(1)).zip(&group.rows) {
                let own = &arena.dots[dot as usize].weights;
                row[..own.len()].copy_from_slice(own);
            }
            let until: Vec<u32> = group.rows.iter().map(|&dot| arena.dots[dot as usize].weights.len() as u32).collect();
            let is_full = until.iter().all(|&u| u as usize == n);
            let (sources, chained) = split(arguments);
            let chained = chained.into_iter().enumerate().filter(|(_, entries)| !entries.is_empty()).collect();
            let until = if is_full { Vec::new() } else { until };
            blocks.push(Block { shape: [group.rows.len(), n], weights, until, sources, chained });
        }
        Local::new(dim, direct, ends, blocks)
    }
}
