//! Conditioners that are not what they are taken for.

use super::*;
use pushforward::Conditioner;

/// `tanh(p x)`, twice.
#[derive(Clone, Debug)]
struct Net {
    p: Param,
}
impl Conditioner for Net {
    fn inputs(&self) -> Option<usize> {
        None
    }
    fn outputs(&self) -> usize {
        1
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        vec![x.iter().map(|&x| (x * self.p).tanh()).sum()]
    }
}

/// `x₀ = z₀`, `x₁ = z₁ e^s` with `s` conditioned on `sees`.
#[derive(Clone, Debug)]
struct Coupling {
    net: Net,
    sees: &'static [usize],
}
impl<S: Scalar> Flow<S> for Coupling {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let seen: Vec<S> = self.sees.iter().map(|&i| z[i]).collect();
        let s = S::condition(&self.net, &seen)[0];
        Ok(Image::new([z[0], z[1] * s.exp()], s))
    }
}
impl Layer for Coupling {
    fn dim(&self) -> usize {
        2
    }
}

/// Where its weight is 0 a conditioner may see the coordinate that it transforms.
#[test]
fn a_conditioner_that_sees_its_own_output() {
    let with = |p: f64, sees| Coupling { net: Net { p: p.into() }, sees };
    expect(&with(0.0, &[0, 1]), VOLUME, "not-proved", "differ");
    expect(&with(0.5, &[0, 1]), VOLUME, "false", "fails in f64");
    expect(&with(0.5, &[0]), VOLUME, "proved", "any conditioner");
}

/// Two conditioners, built where they are called: one after the other at one address.
#[derive(Clone, Debug)]
struct OnTheStack {
    p: Param,
    q: Param,
}
impl<S: Scalar> Flow<S> for OnTheStack {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let [scale, log_det] = [self.p, self.q].map(|p| {
            let net = Net { p };
            S::condition(&net, &z[..1])[0]
        });
        Ok(Image::new([z[0], z[1] * scale.exp()], log_det))
    }
}
impl Layer for OnTheStack {
    fn dim(&self) -> usize {
        2
    }
}

/// Told apart by their address only, `tanh(p z₀)` and `tanh(q z₀)` are one conditioner, and the claim is "proved for
/// any". Here `p` and `q` have one value, and f64 sees nothing wrong.
#[test]
fn two_conditioners_at_one_address() {
    expect(&OnTheStack { p: two(), q: two() }, VOLUME, "not-proved", "differ");
    let p = two();
    let theorem = on(&OnTheStack { p, q: p }, VOLUME);
    assert_eq!(theorem.proof().word(), "proved-on-paths", "{theorem}");
}

/// Calls one of two conditioners of no size, whose types have one name.
#[derive(Clone, Debug)]
struct OfNoSize;
impl<S: Scalar> Flow<S> for OfNoSize {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        Ok(Image::new([z[0], z[1] * first(z[0]).exp()], second(z[0])))
    }
}
impl Layer for OfNoSize {
    fn dim(&self) -> usize {
        2
    }
}

macro_rules! of_no_size {
    ($name:ident, |$x:ident| $value:expr) => {
        fn $name<T: Scalar>(at: T) -> T {
            #[derive(Debug)]
            struct Same;
            impl Conditioner for Same {
                fn inputs(&self) -> Option<usize> {
                    Some(1)
                }
                fn outputs(&self) -> usize {
                    1
                }
                fn call<S: Scalar>(&self, $x: &[S]) -> Vec<S> {
                    vec![$value]
                }
            }
            T::condition(&Same, &[at])[0]
        }
    };
}
of_no_size!(first, |x| x[0] * 2.0);
of_no_size!(second, |x| x[0] * 3.0);

#[test]
fn two_conditioners_of_no_size() {
    expect(&OfNoSize, VOLUME, "false", "fails in f64");
}

/// `e^x`, without a parameter.
#[derive(Clone, Debug)]
struct Positive;
impl Conditioner for Positive {
    fn inputs(&self) -> Option<usize> {
        Some(1)
    }
    fn outputs(&self) -> usize {
        1
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        vec![x[0].exp()]
    }
}
#[derive(Clone, Debug)]
struct PlainScale(Positive);
impl<S: Scalar> Flow<S> for PlainScale {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let s = S::condition(&self.0, &z[..1])[0];
        Ok(Image::new([z[0], z[1] * s], s.ln()))
    }
}
impl Layer for PlainScale {
    fn dim(&self) -> usize {
        2
    }
}

/// `ln s` for `ln|s|` is right for this conditioner, and for no other that changes its sign.
#[test]
fn a_conditioner_that_happens_to_be_positive() {
    expect(&PlainScale(Positive), VOLUME, "proved-on-paths", "sign holds at the points met");
}

/// Reaches past its inputs for what another call left behind.
#[derive(Debug)]
struct Smuggler {
    weight: Param,
}
thread_local! {
    static LEFT: std::cell::RefCell<Option<Box<dyn std::any::Any>>> = const { std::cell::RefCell::new(None) };
}
impl Conditioner for Smuggler {
    fn inputs(&self) -> Option<usize> {
        Some(1)
    }
    fn outputs(&self) -> usize {
        1
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let left = LEFT.with_borrow(|left| left.as_ref().and_then(|left| left.downcast_ref::<S>().copied()));
        vec![x[0] + left.unwrap_or(x[0]) * self.weight]
    }
}
#[derive(Debug)]
struct Smuggling(Smuggler);
impl<S: Scalar> Flow<S> for Smuggling {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        LEFT.set(Some(Box::new(z[1])));
        let s = S::condition(&self.0, &z[..1])[0];
        Ok(Image::new([z[0], z[1] * s.exp()], s))
    }
}
impl Layer for Smuggling {
    fn dim(&self) -> usize {
        2
    }
}

/// What a conditioner computes with is not always what it was given: with weight 0 neither f64 nor "any function of its
/// inputs" sees that this one depends on the coordinate that it transforms.
#[test]
fn a_conditioner_that_reaches_past_its_inputs() {
    expect(&Smuggling(Smuggler { weight: 0.0.into() }), VOLUME, "not-proved", "differ");
}
