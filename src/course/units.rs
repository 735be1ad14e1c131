//! Units and their multiples, as far as an equation between them must not be taken for one between numbers.

/// Units that may stand where an operand is expected, as in `\frac{\text{m}}{\text{s}}`.
pub(super) fn is_unit(words: &str) -> bool {
    const UNITS: [&str; 66] = [
        "m", "s", "kg", "g", "mg", "km", "cm", "mm", "nm", "N", "J", "kJ", "W", "kW", "kWh", "Pa", "kPa", "K", "mol",
        "L", "mL", "h", "min", "Hz", "kHz", "MHz", "GHz", "V", "A", "mA", "C", "eV", "MeV", "F", "H", "T", "ms", "ns",
        "ft", "in", "lb", "mi", "mph", "m/s", "km/h", "bits", "bit", "nats", "bytes", "GB", "MB", "KB", "TB", "rad",
        "sec", "hr", "hours", "hour", "minutes", "seconds", "meters", "metres", "dollars", "cents", "years", "days",
    ];
    words.split(['/', '·', ' ', '^', '²', '³']).all(|w| UNITS.contains(&w))
}

/// Whether a ratio of two numbers is that of two units: a power of ten, or 60, 3600, 12 and their like.
pub(super) fn is_conversion(ratio: f64) -> bool {
    const FACTORS: [f64; 22] = [
        60.0,
        3600.0,
        24.0,
        7.0,
        365.0,
        365.25,
        12.0,
        3.6,
        1440.0,
        86_400.0,
        1024.0,
        8.0,
        2.54,
        0.3048,
        3.281,
        1.609_344,
        4.184,
        4.186,
        180.0 / std::f64::consts::PI,
        std::f64::consts::TAU,
        16.0,
        52.0,
    ];
    let ratio = ratio.abs();
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.006;
    let power = ratio.log10().round();
    (power != 0.0 && near(ratio, 10f64.powf(power))) || FACTORS.iter().any(|&f| near(ratio, f) || near(ratio, 1.0 / f))
}
