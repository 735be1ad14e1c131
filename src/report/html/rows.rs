//! Row by row the pictures, and how firmly each law held.

use std::fmt::Write;

use super::super::markup::{Quoted, Text};
use super::super::text::{summary, symbol};
use super::super::{Claim, Row};
use super::Page;
use super::matrix::class;

impl Page<'_> {
    pub(super) fn rows(&self, html: &mut String) {
        html.push_str("<section><h2>Layer by layer</h2>\n");
        for (place, row) in self.report.rows.iter().enumerate() {
            self.row(html, place, row);
        }
        html.push_str("</section>\n");
    }

    fn row(&self, html: &mut String, place: usize, row: &Row) {
        let fine = self.is_fine(row);
        let pictures: Vec<_> = self.pictures.iter().filter(|pictures| pictures.row == row.name).collect();
        let open = if pictures.is_empty() && self.report.rows.len() > 1 { "" } else { " open=\"open\"" };
        let _ = writeln!(
            html,
            "<details class=\"row{}\" id=\"r{place}\"{open}><summary>{} {}<span class=\"small\"> {}</span></summary>",
            if fine { " fine" } else { "" },
            if fine { "<span class=\"h\">✓</span>" } else { "<span class=\"f\">✗</span>" },
            Text(&row.name),
            row.claim().map_or("", |claim| match claim {
                Claim::Named => "the flow that the name says",
                Claim::Flow => "a flow; nothing says which",
                Claim::LogDet => "the log-det that is stated; bijectivity is undecided",
            })
        );
        for pictures in pictures {
            pictures.draw(html, row);
        }
        html.push_str("<table class=\"evidence\"><thead><tr><th scope=\"col\">law</th><th scope=\"col\">verdict</th>");
        html.push_str("<th scope=\"col\">evidence</th></tr></thead><tbody>\n");
        for (law, verdict) in &row.verdicts {
            let column = self.column(law);
            let _ = writeln!(
                html,
                "<tr><th scope=\"row\"><a href=\"#l{column}\">{law}</a></th><td class=\"{}\">{} {}</td><td>{}</td></tr>",
                class(verdict),
                symbol(verdict),
                Quoted(verdict.word()),
                Text(&summary(verdict))
            );
        }
        html.push_str("</tbody></table></details>\n");
    }
}
