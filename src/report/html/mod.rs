//! The report as a page that needs nothing else: no script, no font, no address.

use std::fmt::Write;

use super::markup::{Quoted, Text};
use super::picture::Pictures;
use super::text::{attention, counts};
use super::{Report, Row};
use crate::laws;

mod draw;
mod matrix;
mod rows;
mod svg;

/// The page of a report, with the pictures of some of its rows.
pub fn html(report: &Report, pictures: &[Pictures]) -> String {
    let page = Page { report, pictures, laws: laws_of(report) };
    let mut html = String::new();
    page.head(&mut html);
    page.matrix(&mut html);
    page.failures(&mut html);
    page.rows(&mut html);
    page.list_laws(&mut html);
    page.foot(&mut html);
    html
}

struct Page<'a> {
    report: &'a Report,
    pictures: &'a [Pictures],
    /// The columns of the matrix.
    laws: Vec<&'static str>,
}

/// Every law that some row was held to, in the order of the first row.
fn laws_of(report: &Report) -> Vec<&'static str> {
    let mut laws = Vec::new();
    for (_, law, _) in report.verdicts() {
        if !laws.contains(&law) {
            laws.push(law);
        }
    }
    laws
}

impl Page<'_> {
    fn is_fine(&self, row: &Row) -> bool {
        row.verdicts.iter().all(|(law, verdict)| self.report.accepts(law, verdict))
    }

    fn column(&self, law: &str) -> usize {
        self.laws.iter().position(|known| *known == law).unwrap_or(self.laws.len())
    }

    fn head(&self, html: &mut String) {
        let report = self.report;
        let (class, symbol, says) = if report.is_acceptable() {
            ("h", '✓', "Every claim stands as far as it could be judged")
        } else {
            ("f", '✗', "Not every claim stands")
        };
        let layers = match report.rows.as_slice() {
            [row] => row.name.clone(),
            rows => format!("{} layers", rows.len()),
        };
        let title = format!("{symbol} {layers} under {} laws", self.laws.len());
        let _ = write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\
             <title>{}</title>\n<style>\n{}</style></head>\n<body>\n<header><h1>{}</h1>\
             <p class=\"{class}\"><b>{symbol}</b> {says}</p><p>{}</p>\
             <p class=\"small\">seed {}, {} cases for each row</p></header>\n<main>\n",
            Text(&title),
            include_str!("page.css"),
            Text(&layers),
            counts(report),
            report.seed,
            report.cases
        );
    }

    /// Every verdict that needs attention, with its report.
    fn failures(&self, html: &mut String) {
        if self.report.is_acceptable() {
            return;
        }
        html.push_str("<section><h2>What needs attention</h2>\n");
        for (place, row) in self.report.rows.iter().enumerate() {
            for (law, verdict) in row.verdicts.iter().filter(|(law, verdict)| !self.report.accepts(law, verdict)) {
                let column = self.column(law);
                let _ = writeln!(
                    html,
                    "<article id=\"f{place}-{column}\"><h3><span class=\"{}\">{}</span> <a href=\"#r{place}\">{}</a> / \
                     <a href=\"#l{column}\">{law}</a></h3><pre>{}</pre></article>",
                    matrix::class(verdict),
                    super::text::symbol(verdict),
                    Text(&row.name),
                    Text(attention(&row.name, law, verdict, self.report.seed).trim_end())
                );
            }
        }
        html.push_str("</section>\n");
    }

    /// What the laws say.
    fn list_laws(&self, html: &mut String) {
        html.push_str("<section><h2>The laws</h2>\n<ol class=\"laws\">");
        for (column, name) in self.laws.iter().enumerate() {
            let _ = write!(html, "<li id=\"l{column}\"><b>{name}</b> ");
            if let Some(law) = laws::find(name) {
                let _ = write!(
                    html,
                    "<span>{}</span><details><summary>why, and what it cannot see</summary>\
                     <p>{}</p><p>Catches {}.</p><p>Cannot see {}.</p></details>",
                    Text(law.statement),
                    Text(law.why),
                    Text(law.catches),
                    Text(law.blind_to)
                );
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ol></section>\n");
    }

    fn foot(&self, html: &mut String) {
        let version = Quoted(env!("CARGO_PKG_VERSION"));
        let _ = write!(html, "</main>\n<footer><p>pushforward {version}</p></footer>\n</body></html>\n");
    }
}
