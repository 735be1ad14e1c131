//! Numbers as decimal strings, so that rounding to a printed number of places involves no binary number.

/// Rounds a plain decimal to a number of places, half to even. `None` for what is not a plain decimal.
pub(super) fn rounded(exact: &str, places: usize) -> Option<String> {
    let (sign, digits) = exact.strip_prefix('-').map_or(("", exact), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let kept = &fraction[..places.min(fraction.len())];
    let rest = &fraction[kept.len()..];
    let mut all: Vec<u8> = whole.bytes().chain(kept.bytes()).map(|b| b - b'0').collect();
    all.resize(whole.len() + places, 0);
    let odd = all.last().is_some_and(|d| d % 2 == 1);
    let up = match rest.as_bytes().split_first() {
        Some((b'5', after)) if after.iter().all(|&b| b == b'0') => odd,
        Some((first, _)) => *first >= b'5',
        None => false,
    };
    if up {
        let nines = all.iter().rev().take_while(|&&d| d == 9).count();
        let last = all.len() - nines;
        all[last..].fill(0);
        if last == 0 { all.insert(0, 1) } else { all[last - 1] += 1 }
    }
    let zero = all.iter().all(|&d| d == 0);
    let text: String = all.iter().map(|d| char::from(b'0' + d)).collect();
    let (whole, fraction) = text.split_at(text.len() - places);
    let point = if places == 0 { "" } else { "." };
    Some(format!("{}{whole}{point}{fraction}", if zero { "" } else { sign }))
}

/// The number of decimal places written.
pub(super) fn places(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// The first sixteen significant digits, with `…` where more follow.
pub(super) fn shortened(exact: &str) -> String {
    let trimmed = if exact.contains('.') { exact.trim_end_matches('0').trim_end_matches('.') } else { exact };
    let mut significant = 0;
    for (i, c) in trimmed.char_indices() {
        if significant == 16 {
            return format!("{}…", &trimmed[..i]);
        }
        if c.is_ascii_digit() && (c != '0' || significant > 0) {
            significant += 1;
        }
    }
    trimmed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_to_even_and_carries() {
        for (exact, places, right) in [
            ("1.572895465931854820", 4, "1.5729"),
            ("0.78644773", 4, "0.7864"),
            ("0.5", 0, "0"),
            ("1.50", 0, "2"),
            ("2.5000", 0, "2"),
            ("2.5001", 0, "3"),
            ("9.996", 2, "10.00"),
            ("-0.2231435", 4, "-0.2231"),
            ("-0.00001", 3, "0.000"),
            ("3", 3, "3.000"),
            ("1024.0", 0, "1024"),
            ("99", 1, "99.0"),
        ] {
            assert_eq!(rounded(exact, places).as_deref(), Some(right), "{exact} to {places}");
        }
        for bad in ["", "1e5", "-", ".5", "1.2.3", "∞"] {
            assert_eq!(rounded(bad, 1), None, "{bad}");
        }
    }

    #[test]
    fn shortens_without_losing_what_matters() {
        assert_eq!(shortened("0.5000000000"), "0.5");
        assert_eq!(shortened("1024.000"), "1024");
        assert_eq!(shortened("100"), "100");
        assert_eq!(shortened("0"), "0");
        assert_eq!(shortened("-2.668106207796540767910568"), "-2.668106207796540…");
        assert_eq!(shortened("0.037882842739990241497681516356327"), "0.03788284273999024…");
    }
}
