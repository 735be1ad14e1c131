use super::{Number, Precise};

/// mpmath's values to 75 digits; `fixtures/precise/generate.py` writes them and says what a line means.
const VALUES: &str = include_str!("../../../fixtures/precise/values.txt");

/// Largest relative error allowed, in units of 2⁻²³⁶ = 9e-72. The reference, rounded on reading, may be off by half of one.
const UNITS: f64 = 4.0;
/// Between −2 and 0 the distribution function is a difference from ½, which multiplies errors by up to ½/Φ(−2) = 22.
const UNITS_NORMAL_CDF: f64 = 22.0 * UNITS;

fn number(text: &str) -> Precise {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

fn units(got: Precise, reference: Precise) -> f64 {
    ((got - reference) / reference * Precise::from(2.0_f64.powi(236))).to_f64().abs()
}

fn function(name: &str) -> Option<fn(Precise) -> Precise> {
    Some(match name {
        "exp" => Precise::exp,
        "exp_m1" => Precise::exp_m1,
        "ln" => Precise::ln,
        "ln_abs" => Precise::ln_abs,
        "ln_1p" => Precise::ln_1p,
        "sqrt" => Precise::sqrt,
        "sin" => |x| x.sin_cos().0,
        "cos" => |x| x.sin_cos().1,
        "atan" => Precise::atan,
        "tanh" => Precise::tanh,
        "sinh" => Precise::sinh,
        "cosh" => Precise::cosh,
        "asinh" => Precise::asinh,
        "sigmoid" => Precise::sigmoid,
        "softplus" => Precise::softplus,
        "sech2" => Precise::sech2,
        "ln_cosh" => Precise::ln_cosh,
        "normal_cdf" => Precise::normal_cdf,
        "normal_pdf" => Precise::normal_pdf,
        _ => return None,
    })
}

#[test]
fn functions_and_operations_agree_with_mpmath() {
    let mut worst = std::collections::BTreeMap::<&str, (f64, &str, usize)>::new();
    for line in VALUES.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let (&name, &result) = (fields.first().expect("a name"), fields.last().expect("a result"));
        let (name, n) = name.split_once(':').map_or((name, 0), |(name, n)| (name, n.parse().expect("an integer")));
        let x = number(fields[1]);
        let got = match name {
            "f64" | "digits" => continue,
            "powi" => x.powi(n),
            "add" => x + number(fields[2]),
            "sub" => x - number(fields[2]),
            "mul" => x * number(fields[2]),
            "div" => x / number(fields[2]),
            _ => function(name).unwrap_or_else(|| panic!("no function {name}"))(x),
        };
        let off = units(got, number(result));
        let seen = worst.entry(name).or_insert((0.0, line, 0));
        seen.2 += 1;
        // NaN is off by any measure.
        if off > seen.0 || off.is_nan() {
            (seen.0, seen.1) = (off, line);
        }
    }
    for (name, (off, line, points)) in &worst {
        println!("{name:<12} {points} points, worst {off:.2} units");
        assert!(*points >= 200, "{name} has {points} points");
        let allowed = if *name == "normal_cdf" { UNITS_NORMAL_CDF } else { UNITS };
        assert!(*off <= allowed, "{name} is off by {off} units of 2⁻²³⁶ at {line}");
    }
    assert_eq!(worst.len(), 24, "names of functions and operations");
}

#[test]
fn to_f64_is_correctly_rounded_and_from_f64_is_exact() {
    let mut points = 0;
    for line in VALUES.lines().filter(|line| line.starts_with("f64 ")) {
        let [_, x, bits] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let right = f64::from_bits(u64::from_str_radix(bits, 16).expect("bits"));
        assert_eq!(number(x).to_f64().to_bits(), right.to_bits(), "{x} is {right:e}");
        assert_eq!(Precise::from(right).to_f64().to_bits(), right.to_bits(), "{right:e} there and back");
        points += 1;
    }
    assert!(points > 400, "{points}");
    // 2⁻¹⁰⁷⁴, by repeated halving, is the smallest f64: the conversion does not lose subnormal bits.
    let halved = (0..1074).fold(Precise::from(1.0), |x, _| x * Precise::from(0.5));
    assert_eq!(Precise::from(5e-324), halved);
}

#[test]
fn digits_are_those_of_the_exact_value() {
    let mut points = 0;
    for line in VALUES.lines().filter(|line| line.starts_with("digits:")) {
        let [name, x, right] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let n = name["digits:".len()..].parse().expect("a count");
        assert_eq!(number(x).to_digits(n), right, "{x} to {n} digits");
        points += 1;
    }
    assert!(points >= 200, "{points}");
    // 73 digits name every number of 237 bits, whatever its size.
    for text in ["1e78000", "-2.5e-78000", "3.3", "123456789e-30"] {
        let x = number(text);
        assert_eq!(number(&x.to_digits(73)), x, "{text} there and back");
    }
    assert_eq!(number("-0").to_digits(60), "-0");
    assert_eq!(format!("{:?} {:?}", number("-inf"), number("NaN")), "-inf NaN");
}

#[test]
fn text_that_is_no_number_is_refused() {
    for text in ["", "-", "1e", "0x10", "1_000", " 1", "1,5", "∞", "1.2.3", "--1"] {
        let error = text.parse::<Precise>().expect_err(text);
        assert_eq!(error.to_string(), format!("`{text}` is not a decimal number"));
    }
    assert_eq!(number("1e999999999999999999999"), number("inf"));
    assert_eq!(number("1e-999999999999999999999"), number("0"));
}

/// Where f64 answers 0, ±∞ or NaN at a special argument, so does the precise number.
#[test]
fn special_values_behave_as_in_f64() {
    let specials = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -1.0, 1.0, -3.0];
    type Pair = (&'static str, fn(f64) -> f64);
    let pairs: [Pair; 15] = [
        ("exp", f64::exp),
        ("exp_m1", f64::exp_m1),
        ("ln", f64::ln),
        ("ln_1p", f64::ln_1p),
        ("sqrt", f64::sqrt),
        ("sin", f64::sin),
        ("cos", f64::cos),
        ("atan", f64::atan),
        ("tanh", f64::tanh),
        ("sinh", f64::sinh),
        ("cosh", f64::cosh),
        ("asinh", f64::asinh),
        ("sigmoid", |x| Number::sigmoid(x)),
        ("softplus", |x| Number::softplus(x)),
        ("sech2", |x| Number::sech2(x)),
    ];
    let same = |a: f64, b: f64| a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-15 * b.abs() || a == b;
    let agree = |what: String, a: f64, b: f64| {
        assert!(same(a, b) && (a.is_nan() || a.is_sign_negative() == b.is_sign_negative()), "{what}: {a}, f64 {b}");
    };
    for x in specials {
        for (name, f) in pairs {
            agree(format!("{name}({x})"), function(name).expect(name)(x.into()).to_f64(), f(x));
        }
        for y in specials {
            let (p, q) = (Precise::from(x), Precise::from(y));
            for (op, a, b) in [("+", p + q, x + y), ("-", p - q, x - y), ("*", p * q, x * y), ("/", p / q, x / y)] {
                agree(format!("{x} {op} {y}"), a.to_f64(), b);
            }
            assert_eq!((p < q, p == q), (x < y, x == y), "{x} and {y}");
        }
        for n in [-3, -2, -1, 0, 1, 2, 3] {
            agree(format!("{x} to the {n}"), Precise::from(x).powi(n).to_f64(), x.powi(n));
        }
    }
    assert_eq!(Precise::from(f64::NEG_INFINITY).normal_cdf(), Precise::from(0.0));
    assert_eq!(Precise::from(f64::INFINITY).normal_cdf(), Precise::from(1.0));
    assert!(Precise::from(f64::NAN).normal_cdf().is_nan());
}
