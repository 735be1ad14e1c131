//! The verdict matrix as a table: rows down, laws across.

use std::fmt::Write;

use super::super::markup::Text;
use super::super::text::{LEGEND, symbol};
use super::Page;
use crate::check::Verdict;

/// The class of a verdict's colour.
pub(super) fn class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds(_) => "h",
        Verdict::Fails(_) => "f",
        Verdict::Undecided(_) => "u",
        Verdict::Vacuous(_) => "v",
        Verdict::Skips(_) | Verdict::DoesNotApply(_) => "n",
    }
}

impl Page<'_> {
    pub(super) fn matrix(&self, html: &mut String) {
        html.push_str("<section><h2>Verdicts</h2>\n");
        // Styles alone do the filtering: the box hides what is fine in everything after it.
        let bad = self.report.rows.iter().filter(|row| !self.is_fine(row)).count();
        if bad > 0 && bad < self.report.rows.len() {
            let _ = writeln!(
                html,
                "<p class=\"filter\"><input type=\"checkbox\" id=\"only\"/> <label for=\"only\">only the {bad} of {} \
                 rows that need attention</label></p>",
                self.report.rows.len()
            );
        }
        let _ = write!(
            html,
            "<p class=\"small\">{}</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
             aria-label=\"Verdict matrix\"><table class=\"matrix\"><thead><tr><th scope=\"col\">layer</th>",
            Text(LEGEND)
        );
        for (column, law) in self.laws.iter().enumerate() {
            let number = column + 1;
            let _ = write!(
                html,
                "<th scope=\"col\"><a href=\"#l{column}\" title=\"{law}\"><span class=\"name\">{law}</span> \
                 {number}</a></th>"
            );
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for (place, row) in self.report.rows.iter().enumerate() {
            let fine = if self.is_fine(row) { " class=\"fine\"" } else { "" };
            let name = Text(&row.name);
            let _ = write!(html, "<tr{fine}><th scope=\"row\"><a href=\"#r{place}\">{name}</a></th>");
            for (column, law) in self.laws.iter().enumerate() {
                match row.verdicts.iter().find(|(name, _)| name == law) {
                    None => html.push_str("<td></td>"),
                    Some((_, verdict)) => {
                        let (class, symbol) = (class(verdict), symbol(verdict));
                        let _ = if self.report.accepts(law, verdict) {
                            write!(html, "<td class=\"{class}\">{symbol}</td>")
                        } else {
                            let says = verdict.word();
                            write!(
                                html,
                                "<td class=\"{class}\"><a href=\"#f{place}-{column}\" aria-label=\"{law} {says}\">\
                                 {symbol}</a></td>"
                            )
                        };
                    }
                }
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div></section>\n");
    }
}
