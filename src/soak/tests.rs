use super::*;
use crate::evidence::jacobian_f64;
use crate::flow::Layer;
use crate::layers::ZOO;

/// Every family of the zoo: its member of dimension 8, of some that of 64, and the first three drawn.
fn layers() -> Vec<(&'static str, Box<dyn Layer>)> {
    let large = ["coupling_exp", "iaf", "maf", "planar", "composition", "conv1x1_plu"];
    let mut all = Vec::new();
    for family in ZOO.iter().copied().flatten() {
        all.extend(family.members(7, 3).map(|layer| (family.name, layer)));
        all.extend(family.at_dim.map(|at_dim| (family.name, at_dim(8))));
        all.extend(family.at_dim.filter(|_| large.contains(&family.name)).map(|at_dim| (family.name, at_dim(64))));
    }
    all
}

#[test]
fn what_is_compiled_has_the_values_and_the_jacobian_of_the_layer() {
    let (mut compiled, mut points_on_path, mut not_back) = (std::collections::BTreeSet::new(), 0, Vec::new());
    for (name, layer) in layers() {
        let soak = Soak::new(&*layer, 3);
        let Some(engine) = &soak.engine else { continue };
        compiled.insert(name);
        let mut machine = Machine::new(engine);
        let points = soak.points(0..9);
        let lanes = machine.lanes();
        for (from, points) in points.chunks(lanes).enumerate().map(|(at, p)| (at * lanes, p)) {
            let glances = machine.verify(points);
            for (lane, (z, glance)) in points.iter().zip(glances).enumerate() {
                let Some(glance) = glance else { continue };
                let plain = plain::verify(&soak.subject, z).unwrap_or_else(|e| panic!("{name}: {e}"));
                points_on_path += 1;
                let expected = jacobian_f64(&*layer, z).expect("a point of the domain");
                let apart = (machine.jacobian(lane) - &expected).amax();
                let at = from + lane;
                assert!(apart <= 1e-9 * expected.amax().max(1.0), "{name}, point {at}: {apart:e} in J");
                assert!((glance.log_det.apart - plain.log_det.apart).abs() < 1e-8, "{name} {at} {glance:?} {plain:?}");
                assert_eq!(glance.round_trip.is_some(), plain.round_trip.is_some(), "{name}");
                match glance.round_trip.zip(plain.round_trip) {
                    // Left to the evaluation as written.
                    Some((own, _)) if !own.is_within() => not_back.push(name),
                    Some((own, plain)) => assert!(plain.is_within(), "{name}, point {at}: {own:?} {plain:?}"),
                    None => {}
                }
            }
        }
    }
    println!("{} families, {points_on_path} points: {compiled:?}", compiled.len());
    println!("not back by the compiled inverse: {not_back:?}");
    assert!(not_back.len() * 20 <= points_on_path);
    assert!(compiled.len() >= 40 && points_on_path >= 1000, "{} {points_on_path}", compiled.len());
}
