//! Masks of couplings: which coordinates are kept (`a`) and which are transformed (`b`).
//!
//! Each function returns `(a, b)`, two lists that partition `0..d`.

use crate::error::FlowError;

/// The first half is kept, the second transformed. For odd `d` the second half, which is transformed, gets the extra
/// coordinate: at `d = 1` nothing is kept.
pub fn halves(d: usize) -> (Vec<usize>, Vec<usize>) {
    ((0..d / 2).collect(), (d / 2..d).collect())
}

/// [`halves`] with the roles exchanged, so that the two together transform every coordinate once. For odd `d` the
/// second half, which is now kept, has the extra coordinate.
pub fn reversed_halves(d: usize) -> (Vec<usize>, Vec<usize>) {
    let (first, second) = halves(d);
    (second, first)
}

/// Every other coordinate is kept: those of even index (which get the extra one for odd `d`) if `even`, else the odd.
pub fn alternating(d: usize, even: bool) -> (Vec<usize>, Vec<usize>) {
    (0..d).partition(|i| i.is_multiple_of(2) == even)
}

/// The dimension `d` for which `a` and `b` partition `0..d`.
pub(super) fn partitioned(a: &[usize], b: &[usize]) -> Result<usize, FlowError> {
    let d = a.len() + b.len();
    let refuse = |why: String| Err(FlowError::InvalidMask { why });
    if d == 0 {
        return refuse("a and b are both empty, expected a partition of 0..d with d ≥ 1".to_owned());
    }
    let mut owner = vec![None; d];
    for (name, list) in [("a", a), ("b", b)] {
        for &i in list {
            let Some(owner) = owner.get_mut(i) else {
                return refuse(format!(
                    "index {i} of {name} is out of range: a and b hold {d} indices, expected 0..{d}"
                ));
            };
            match owner.replace(name) {
                None => {}
                // By counting, a repeated index means that another one is missing.
                Some(before) if before == name => {
                    return refuse(format!("index {i} is twice in {name}, expected each of 0..{d} once in a or b"));
                }
                Some(_) => {
                    return refuse(format!("index {i} is in a and in b, expected each of 0..{d} in one of them"));
                }
            }
        }
    }
    Ok(d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_masks_partition_and_say_who_gets_the_extra_coordinate() {
        assert_eq!(halves(5), (vec![0, 1], vec![2, 3, 4]));
        assert_eq!(reversed_halves(5), (vec![2, 3, 4], vec![0, 1]));
        assert_eq!(alternating(5, true), (vec![0, 2, 4], vec![1, 3]));
        assert_eq!(alternating(5, false), (vec![1, 3], vec![0, 2, 4]));
        for d in 1..9 {
            for (a, b) in [halves(d), reversed_halves(d), alternating(d, true), alternating(d, false)] {
                assert_eq!(partitioned(&a, &b).unwrap(), d);
            }
        }
    }

    #[test]
    fn what_is_no_partition_is_refused_with_the_reason() {
        for (a, b, word) in [
            (&[0, 1][..], &[1][..], "in a and in b"),
            (&[0, 0], &[1], "twice in a"),
            (&[0], &[2], "out of range"),
            (&[usize::MAX], &[], "out of range"),
            (&[], &[], "both empty"),
        ] {
            let error = partitioned(a, b).unwrap_err();
            assert_eq!(error.kind(), "InvalidMask");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
