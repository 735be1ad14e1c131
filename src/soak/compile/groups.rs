//! What a batch computes together: the rows of a matrix, the places of a map.

use std::collections::HashMap;

use super::arena::{Arena, Node};

/// Dot products with one list of arguments, or a first part of it: the rows of a matrix.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Numbers of the dot products.
    pub rows: Vec<u32>,
    /// The one with all arguments.
    pub longest: u32,
}

/// Dot products gathered to matrices, each of those that no other of its own leads to.
pub(super) fn groups(arena: &Arena, wanted: &[bool]) -> Vec<Group> {
    let depths = depths(arena);
    let mut open: HashMap<(u32, u32), Vec<Group>> = HashMap::new();
    let mut order: Vec<(u32, u32, usize)> = Vec::new();
    for (i, dot) in (0..).zip(&arena.dots).filter(|(_, dot)| wanted[dot.node as usize]) {
        let key = (depths[dot.node as usize], dot.arguments.first().copied().unwrap_or(u32::MAX));
        let groups = open.entry(key).or_default();
        let fitting = groups.iter_mut().find(|group| {
            let known = &arena.dots[group.longest as usize].arguments;
            std::sync::Arc::ptr_eq(known, &dot.arguments)
                || known.starts_with(&dot.arguments)
                || dot.arguments.starts_with(known)
        });
        match fitting {
            Some(group) => {
                group.rows.push(i);
                if dot.arguments.len() > arena.dots[group.longest as usize].arguments.len() {
                    group.longest = i;
                }
            }
            None => {
                order.push((key.0, key.1, groups.len()));
                groups.push(Group { rows: vec![i], longest: i });
            }
        }
    }
    // By depth, so that each comes after those it needs.
    order.sort_by_key(|&(depth, ..)| depth);
    order.into_iter().map(|(depth, first, at)| open[&(depth, first)][at].clone()).collect()
}

/// How many dot products and equations lie one behind the other on the way to each node.
pub(super) fn depths(arena: &Arena) -> Vec<u32> {
    let mut depths = vec![0u32; arena.nodes.len()];
    for at in 0..arena.nodes.len() {
        let most = |all: &mut dyn Iterator<Item = u32>| all.map(|a| depths[a as usize]).max().unwrap_or(0);
        depths[at] = match arena.nodes[at] {
            Node::Dot(i) => 1 + most(&mut arena.dots[i as usize].arguments.iter().copied()),
            Node::Case(i, _) => 1 + most(&mut arena.sites[i as usize].inputs.iter().copied()),
            Node::Root(i) => {
                let equation = &arena.equations[i as usize];
                1 + most(&mut equation.bracket.into_iter().chain(equation.residual))
            }
            node => most(&mut node.arguments()),
        };
    }
    depths
}

/// The map at a place.
pub(super) fn arena_map(arena: &Arena, site: u32) -> usize {
    arena.sites[site as usize].map
}

pub(super) fn depth_of(depths: &[u32], inputs: &[u32]) -> u32 {
    1 + inputs.iter().map(|&a| depths[a as usize]).max().unwrap_or(0)
}
