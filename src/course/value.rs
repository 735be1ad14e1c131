//! Numbers, vectors and matrices.

use super::expr::Join;
use super::number::{Number, Undefined};
use super::skip::{Skip, Why};

#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Number),
    /// A tuple, or a matrix of one column.
    Vector(Vec<Number>),
    Matrix(Vec<Vec<Number>>),
}

/// Entries of a matrix, at most: larger ones are not multiplied.
const LARGEST: usize = 400;

impl Value {
    pub(super) fn map(&self, f: impl Fn(&Number) -> Result<Number, Undefined>) -> Result<Self, Undefined> {
        Ok(match self {
            Self::Scalar(n) => Self::Scalar(f(n)?),
            Self::Vector(all) => Self::Vector(all.iter().map(f).collect::<Result<_, _>>()?),
            Self::Matrix(rows) => {
                Self::Matrix(rows.iter().map(|r| r.iter().map(&f).collect()).collect::<Result<_, _>>()?)
            }
        })
    }

    /// A matrix of one row or one column as a vector; anything else as it is.
    pub(super) fn flat(&self) -> Self {
        match self {
            Self::Matrix(rows) if rows.len() == 1 || rows.iter().all(|r| r.len() == 1) => Self::Vector(rows.concat()),
            other => other.clone(),
        }
    }

    pub(super) fn transposed(&self) -> Self {
        match self {
            Self::Matrix(rows) => {
                let width = rows.first().map_or(0, Vec::len);
                Self::Matrix((0..width).map(|j| rows.iter().map(|r| r[j].clone()).collect()).collect())
            }
            other => other.clone(),
        }
    }

    /// The numbers in it, in order.
    pub(super) fn entries(&self) -> Vec<&Number> {
        match self {
            Self::Scalar(n) => vec![n],
            Self::Vector(all) => all.iter().collect(),
            Self::Matrix(rows) => rows.iter().flatten().collect(),
        }
    }

    fn as_matrix(&self) -> Vec<Vec<Number>> {
        match self {
            Self::Scalar(n) => vec![vec![n.clone()]],
            Self::Vector(all) => all.iter().map(|n| vec![n.clone()]).collect(),
            Self::Matrix(rows) => rows.clone(),
        }
    }

    fn kind(&self) -> String {
        match self {
            Self::Scalar(_) => "a number".to_owned(),
            Self::Vector(all) => format!("a vector of {}", all.len()),
            Self::Matrix(rows) => format!("a {} × {} matrix", rows.len(), rows.first().map_or(0, Vec::len)),
        }
    }
}

pub(super) fn shape(found: &Value, expected: &str) -> Skip {
    Skip::new(Why::Shape, format!("{} where {expected} is expected", found.kind()))
}

type Combined = Result<Result<Value, Undefined>, Skip>;

/// Entry by entry.
pub(super) fn same_shape(
    a: &Value,
    b: &Value,
    f: impl Fn(&Number, &Number) -> Result<Number, Undefined> + Copy,
) -> Combined {
    let zip = |a: &[Number], b: &[Number]| a.iter().zip(b).map(|(a, b)| f(a, b)).collect::<Result<Vec<_>, _>>();
    match (a, b) {
        (Value::Scalar(a), Value::Scalar(b)) => Ok(f(a, b).map(Value::Scalar)),
        (Value::Vector(a), Value::Vector(b)) if a.len() == b.len() => Ok(zip(a, b).map(Value::Vector)),
        (Value::Matrix(a), Value::Matrix(b)) if a.len() == b.len() && a[0].len() == b[0].len() => {
            Ok(a.iter().zip(b).map(|(a, b)| zip(a, b)).collect::<Result<_, _>>().map(Value::Matrix))
        }
        _ => match (a.flat(), b.flat()) {
            (Value::Vector(a), Value::Vector(b)) if a.len() == b.len() => Ok(zip(&a, &b).map(Value::Vector)),
            _ => Err(Skip::new(Why::Shape, format!("{} beside {}", a.kind(), b.kind()))),
        },
    }
}

pub(super) fn product(a: &Value, b: &Value, join: Join) -> Combined {
    match (a, b) {
        (Value::Scalar(k), other) | (other, Value::Scalar(k)) => Ok(other.map(|n| n.mul(k))),
        (Value::Vector(v), Value::Vector(w)) if join == Join::Times => cross(v, w),
        (Value::Vector(v), Value::Vector(w)) if v.len() == w.len() => Ok(dot(v, w).map(Value::Scalar)),
        _ => {
            let (x, y) = (a.as_matrix(), b.as_matrix());
            let inner = x.first().map_or(0, Vec::len);
            if inner == y.len() {
                if x.len() * inner > LARGEST || y.len() * y.first().map_or(0, Vec::len) > LARGEST {
                    return Err(Skip::new(Why::TooLarge, "a matrix product"));
                }
                return Ok(times(&x, &y).map(|m| simplest(m, matches!(b, Value::Vector(_)))));
            }
            match (a.flat(), b.flat()) {
                (Value::Vector(v), Value::Vector(w)) if join == Join::Dot && v.len() == w.len() => {
                    Ok(dot(&v, &w).map(Value::Scalar))
                }
                (Value::Vector(v), Value::Vector(w)) if join == Join::Times => cross(&v, &w),
                _ => Err(Skip::new(Why::Shape, format!("{} times {}", a.kind(), b.kind()))),
            }
        }
    }
}

fn simplest(rows: Vec<Vec<Number>>, to_vector: bool) -> Value {
    if rows.len() == 1 && rows[0].len() == 1 {
        return Value::Scalar(rows[0][0].clone());
    }
    if to_vector { Value::Matrix(rows).flat() } else { Value::Matrix(rows) }
}

fn dot(v: &[Number], w: &[Number]) -> Result<Number, Undefined> {
    v.iter().zip(w).try_fold(Number::zero(), |sum, (a, b)| sum.add(&a.mul(b)?))
}

fn cross(v: &[Number], w: &[Number]) -> Combined {
    let ([a, b, c], [x, y, z]) = (v, w) else {
        return Err(Skip::new(Why::Shape, "a vector product outside three dimensions"));
    };
    let minor = |p: &Number, q: &Number, r: &Number, s: &Number| p.mul(s)?.sub(&q.mul(r)?);
    let all = || Ok(Value::Vector(vec![minor(b, c, y, z)?, minor(c, a, z, x)?, minor(a, b, x, y)?]));
    Ok(all())
}

fn times(x: &[Vec<Number>], y: &[Vec<Number>]) -> Result<Vec<Vec<Number>>, Undefined> {
    let width = y.first().map_or(0, Vec::len);
    let entry = |row: &[Number], j: usize| {
        row.iter().zip(y).try_fold(Number::zero(), |sum, (a, other)| sum.add(&a.mul(&other[j])?))
    };
    x.iter().map(|row| (0..width).map(|j| entry(row, j)).collect()).collect()
}

pub(super) fn matrix_power(rows: &[Vec<Number>], n: i64) -> Result<Value, Skip> {
    let size = rows.len();
    let undefined = |_| Skip::new(Why::Undefined, "a matrix without an inverse");
    if size != rows[0].len() || size * size > LARGEST / 10 {
        return Err(Skip::new(Why::Shape, "a power of this matrix"));
    }
    if n < 0 {
        return inverse(rows).map(Value::Matrix).map_err(undefined);
    }
    let unit = |i: usize, j: usize| if i == j { Number::one() } else { Number::zero() };
    let mut power: Vec<Vec<Number>> = (0..size).map(|i| (0..size).map(|j| unit(i, j)).collect()).collect();
    for _ in 0..n {
        power = times(&power, rows).map_err(undefined)?;
    }
    Ok(Value::Matrix(power))
}

/// By elimination; a pivot that may be zero is taken for one only where it must be.
pub(super) fn determinant(rows: &[Vec<Number>]) -> Result<Number, Undefined> {
    let size = rows.len();
    if size * size > LARGEST || rows.iter().any(|r| r.len() != size) {
        return Err(Undefined::Domain);
    }
    let mut m = rows.to_vec();
    let mut value = Number::one();
    for k in 0..size {
        let Some(pivot) = (k..size).find(|&i| m[i][k].sign().is_some_and(|s| s.is_ne())) else {
            return if m[k..].iter().all(|r| r[k].is_zero()) { Ok(Number::zero()) } else { Err(Undefined::Domain) };
        };
        if pivot != k {
            m.swap(pivot, k);
            value = value.neg();
        }
        value = value.mul(&m[k][k])?;
        let (done, open) = m.split_at_mut(k + 1);
        for row in open {
            let factor = row[k].div(&done[k][k])?;
            for (entry, above) in row.iter_mut().zip(&done[k]).skip(k) {
                *entry = entry.sub(&factor.mul(above)?)?;
            }
        }
    }
    Ok(value)
}

pub(super) fn trace(rows: &[Vec<Number>]) -> Result<Number, Undefined> {
    if rows.iter().any(|r| r.len() != rows.len()) {
        return Err(Undefined::Domain);
    }
    rows.iter().enumerate().try_fold(Number::zero(), |sum, (i, row)| sum.add(&row[i]))
}

/// By cofactors.
fn inverse(rows: &[Vec<Number>]) -> Result<Vec<Vec<Number>>, Undefined> {
    let (size, whole) = (rows.len(), determinant(rows)?);
    let minor = |i: usize, j: usize| -> Vec<Vec<Number>> {
        let kept = |k: usize, out: usize| k != out;
        let row = |r: &Vec<Number>| r.iter().enumerate().filter(|(k, _)| kept(*k, j)).map(|(_, n)| n.clone()).collect();
        rows.iter().enumerate().filter(|(k, _)| kept(*k, i)).map(|(_, r)| row(r)).collect()
    };
    let entry = |i: usize, j: usize| {
        let cofactor = determinant(&minor(j, i))?.div(&whole)?;
        Ok(if (i + j).is_multiple_of(2) { cofactor } else { cofactor.neg() })
    };
    (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
}
