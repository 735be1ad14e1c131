use super::*;

/// The verdict on one entry of the fixture after a change to its text.
fn after(change: &[(&str, &str)], id: &str) -> Verdict {
    let text = change.iter().fold(ENTRIES.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in the fixture");
        text.replace(from, to)
    });
    judge(&text).unwrap().into_iter().find(|f| f.id == id).unwrap().verdict
}

#[test]
fn a_verdict_follows_the_numbers() {
    assert_eq!(after(&[], "ex3.J12"), Verdict::RoundedTwice);
    // The right digits, and digits that no rounding of an operand explains.
    assert_eq!(after(&[("printed = \"1.5728\"", "printed = \"1.5729\"")], "ex3.J12"), Verdict::Right);
    assert_eq!(after(&[("printed = \"1.5728\"", "printed = \"1.5727\"")], "ex3.J12"), Verdict::Wrong);
    assert_eq!(after(&[("operand = \"ex3.sech2\"", "operand = \"ex3.cosh\"")], "ex3.J12"), Verdict::Wrong);
    assert_eq!(after(&[], "ex3.sech2.as_written"), Verdict::WrongAsWritten);
    assert_eq!(after(&[("\"1.1276\"], \"2\"]", "\"1.12763\"], \"2\"]")], "ex3.det"), Verdict::Right);
}

#[test]
fn a_number_that_the_layers_do_not_reproduce_is_unconfirmed() {
    let moved = after(&[("1.572895465931854820", "1.572895465831854820")], "ex3.J12");
    assert!(matches!(moved, Verdict::Unconfirmed(_)), "{moved}");
    let bent = after(
        &[("params = { u = [\"1\", \"0\"], w = [\"1\", \"2\"]", "params = { u = [\"1\", \"0.1\"], w = [\"1\", \"2\"]")],
        "ex3.J21",
    );
    assert!(matches!(bent, Verdict::Unconfirmed(_)), "{bent}");
    let gone = after(&[("planar = { layer = \"planar\"", "planar = { layer = \"plane\"")], "ex3.J22");
    assert!(matches!(gone, Verdict::Unconfirmed(_)), "{gone}");
}

#[test]
fn a_fault_of_the_fixture_is_an_error_at_its_path() {
    for (from, to, kind) in [
        ("kind = \"arithmetic\"", "kind = \"arithmetics\"", "UnknownName"),
        ("quantity = \"log_prob\"", "quantity = \"log_prb\"", "UnknownName"),
        ("flow = \"planar\"", "flow = \"plane\"", "UnknownName"),
        ("decimals = 4", "decimals = 3", "WrongType"),
        ("operand = \"ex3.sech2\"", "operand = \"ex3.later\"", "UnknownName"),
        ("statement = ", "statment = ", "MissingKey"),
        ("verdict = \"supplied\"", "verdict = \"supplied\"\nnote = \"x\"", "UnknownKey"),
        ("[flows]", "[flows", "Syntax"),
    ] {
        let error = judge(&ENTRIES.replace(from, to)).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
}
