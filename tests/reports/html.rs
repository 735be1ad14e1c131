//! The report as a page: all of it text or drawing, nothing from elsewhere, every reference answered.

use std::collections::BTreeSet;

use pushforward::layers::ZOO;
use pushforward::report::{self, Pictures, Report};
use pushforward::{Check, laws, museum};
use roxmltree::{Document, Node, ParsingOptions};

use super::{NASTY, every_verdict, pushforward};

/// The page is written so that a parser of XML reads it too, which forgives nothing.
fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|e| panic!("{e}\n{page}"))
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|n| n.text()).collect()
}

fn with_class<'a>(document: &'a Document<'a>, tag: &'a str, class: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    let has = move |n: &Node<'_, '_>| n.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class));
    document.descendants().filter(move |n| n.has_tag_name(tag) && has(n))
}

/// What holds of every page.
fn expect_sound(page: &str) {
    let document = parsed(page);
    let known = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "p",
        "b",
        "a",
        "span",
        "code",
        "pre",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "figure",
        "figcaption",
        "svg",
        "g",
        "path",
        "rect",
        "text",
        "ol",
        "li",
        "input",
        "label",
    ];
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        assert!(known.contains(&tag), "<{tag}>");
        assert!(
            !node.attributes().any(|a| a.name().starts_with("on") || ["src", "srcset"].contains(&a.name())),
            "{tag}"
        );
    }
    let style = text_of(document.descendants().find(|n| n.has_tag_name("style")).expect("a style"));
    for word in ["url(", "@import", "http"] {
        assert!(!style.contains(word), "{word} in the style");
    }
    let ids: Vec<&str> = document.descendants().filter_map(|n| n.attribute("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is used twice");
    for href in document.descendants().filter_map(|n| n.attribute("href")) {
        let id = href.strip_prefix('#').unwrap_or_else(|| panic!("{href} leads away from the page"));
        assert!(ids.contains(&id), "nothing is called {id}");
    }
    for svg in document.descendants().filter(|n| n.has_tag_name("svg")) {
        assert!(svg.attribute("aria-label").is_some_and(|label| !label.is_empty()), "a picture without words");
    }
    for path in document.descendants().filter(|n| n.has_tag_name("path")) {
        expect_path(path.attribute("d").expect("a path"));
    }
}

/// Every move is followed by a line, and every number is a whole one: `M0 1l2 3 4 5`.
fn expect_path(path: &str) {
    assert!(path.chars().all(|c| c.is_ascii_digit() || "Mlmz -".contains(c)), "{path}");
    for part in path.split('M').skip(1) {
        let (at, lines) = part.split_once(['l', 'm']).unwrap_or((part, ""));
        assert_eq!(at.trim_end_matches('z').split(' ').count(), 2, "M{part}");
        assert!(lines.is_empty() || lines.split([' ', 'm', 'l']).count().is_multiple_of(2), "M{part}");
    }
}

#[test]
fn every_verdict_is_on_the_page_and_nothing_in_it_is_markup() {
    let report = every_verdict();
    let page = report::html(&report, &[]);
    expect_sound(&page);
    let document = parsed(&page);
    let readable = NASTY.replace(['\u{1}', '\u{1b}'], "\u{fffd}");
    let said = document.descendants().filter(Node::is_text).filter(|n| n.text().is_some_and(|t| t.contains(&readable)));
    assert!(said.count() >= 6, "the texts are on the page as they are");
    let articles: Vec<String> = document.descendants().filter(|n| n.has_tag_name("article")).map(text_of).collect();
    assert_eq!(articles.len(), 3, "one for each verdict that is not acceptable");
    for word in ["FAILS", "VACUOUS", "UNDECIDED"] {
        assert!(articles.iter().any(|article| article.contains(word)), "{word}");
    }
    let row = document.descendants().find(|n| n.has_tag_name("tbody")).map(text_of).expect("a table");
    for symbol in ['✓', '✗', '?', '∅', '–', '·'] {
        assert!(row.contains(symbol), "{symbol} in {row}");
    }
}

#[test]
fn what_is_fine_can_be_hidden_where_something_is_not() {
    let few = Check::new().cases(20).laws(laws::find("log-det-is-jacobian"));
    let right = |name: &str| {
        let family = ZOO.iter().copied().flatten().find(|family| family.name == name).expect("a family");
        few.run_family(family)
    };
    let mut report = right("planar");
    let fine = report::html(&report, &[]);
    expect_sound(&fine);
    assert!(!fine.contains("id=\"only\"") && !fine.contains("What needs attention"));

    report.extend(few.run(&*(museum::find("form-01").expect("an exhibit").broken)()));
    let mixed = report::html(&report, &[]);
    expect_sound(&mixed);
    let document = parsed(&mixed);
    assert!(document.descendants().any(|n| n.attribute("id") == Some("only")), "a box to tick");
    assert_eq!((with_class(&document, "tr", "fine").count(), with_class(&document, "details", "fine").count()), (1, 1));
    assert_eq!(document.descendants().filter(|n| n.has_tag_name("article")).count(), 1);
}

/// The pictures of a layer with an entry that is promised, and 0 everywhere; the page says so in words, too.
#[test]
fn a_lost_connection_is_marked_in_the_jacobian() {
    let exhibit = museum::find("mask-01").expect("an exhibit");
    let page = report::html(&exhibit.report(), &[Pictures::of(exhibit.id, &*(exhibit.broken)())]);
    expect_sound(&page);
    let document = parsed(&page);
    assert_eq!(with_class(&document, "g", "unreached").count(), 1);
    assert_eq!(with_class(&document, "g", "zero").count(), 3);
    assert!(page.contains("□ open but 0 (1)"));
    assert!(page.contains("this one has dimension 3"));
}

#[test]
fn a_leak_is_marked_in_the_jacobian() {
    let leaky = museum::all().iter().find(|e| e.caught_by.first() == Some(&"jacobian-has-promised-zeros"));
    let exhibit = leaky.expect("an exhibit that breaks its pattern");
    let page = report::html(&exhibit.report(), &[Pictures::of(exhibit.id, &*(exhibit.broken)())]);
    expect_sound(&page);
    assert!(with_class(&parsed(&page), "g", "broken").count() > 0 && page.contains("✗ not as promised"));
}

#[test]
fn a_flow_of_the_plane_has_grid_image_density_and_its_failing_points() {
    let exhibit = museum::all().iter().find(|e| (e.broken)().dim() == 2 && e.caught_by[0] == "log-det-is-jacobian");
    let exhibit = exhibit.expect("an exhibit of the plane");
    let page = report::html(&exhibit.report(), &[Pictures::of(exhibit.id, &*(exhibit.broken)())]);
    expect_sound(&page);
    let document = parsed(&page);
    assert_eq!(with_class(&document, "path", "across").count(), 2);
    assert_eq!(with_class(&document, "path", "up").count(), 2);
    assert!(with_class(&document, "path", "cross").count() > 0, "the point where it fails");
    assert!(with_class(&document, "path", "d3").count() == 1, "the density");
    assert!(page.contains("class=\"digits\""));
}

/// Refused points, infinite images, bounded domains, many dimensions: always a page, at most without a picture.
#[test]
fn a_sample_of_the_museum_and_of_the_zoo_can_be_drawn() {
    let report = Report { rows: Vec::new(), ..every_verdict() };
    for exhibit in museum::all().iter().step_by(4).filter(|exhibit| (exhibit.broken)().dim() <= 4) {
        let named = Check::new().cases(1).laws(laws::find("evaluation-is-pure")).run(&*(exhibit.broken)());
        expect_sound(&report::html(&named, &[Pictures::of("layer", &*(exhibit.broken)())]));
    }
    for name in ["exp", "logit", "stick_breaking", "ordered", "signed_power", "conv1x1_dense", "circular_spline"] {
        let family = ZOO.iter().copied().flatten().find(|family| family.name == name).expect("a family");
        let pictures = Pictures::of_family(family).expect("a member");
        let row = report::Row { name: name.to_owned(), verdicts: Vec::new() };
        expect_sound(&report::html(&Report { rows: vec![row], ..report.clone() }, &[pictures]));
    }
}

#[test]
fn the_command_writes_the_page() {
    let output = pushforward(&["check", "planar", "identity", "--cases", "10", "--format", "html"]);
    let page = String::from_utf8(output.stdout).expect("UTF-8");
    expect_sound(&page);
    assert_eq!(parsed(&page).descendants().filter(|n| n.has_tag_name("svg")).count(), 8, "four of each layer");
    assert!(page.len() < 250_000, "{} bytes", page.len());
}
