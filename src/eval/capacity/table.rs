//! The table of accelerators and places: what each figure is and where it is from.

use serde::{Deserialize, Serialize};

use super::CapacityError;

/// The table that is built in.
const BUILTIN: &str = include_str!("../../../schema/accelerators.yaml");

/// From the least to the largest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Range {
    /// Both ends by a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }

    /// Both ends and an amount.
    #[must_use]
    pub fn plus(self, amount: f64) -> Self {
        Self { low: self.low + amount, high: self.high + amount }
    }
}

/// Where a figure is from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// An address.
    pub source: Option<String>,
    /// When it was written or read.
    pub date: String,
    /// Whether no source says it.
    pub estimate: bool,
    /// More of it.
    pub note: Option<String>,
}

/// A price with its origin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The least, in US dollars.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// An address.
    #[serde(default)]
    pub source: Option<String>,
    /// When it was written or read.
    pub date: String,
    /// Whether no source says it.
    #[serde(default)]
    pub estimate: bool,
    /// More of it.
    #[serde(default)]
    pub note: Option<String>,
}

impl Price {
    /// From the least to the largest.
    #[must_use]
    pub fn range(&self) -> Range {
        Range { low: self.low, high: self.high }
    }
}

/// A figure with its origin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// An address.
    #[serde(default)]
    pub source: Option<String>,
    /// When it was written or read.
    pub date: String,
    /// Whether no source says it.
    #[serde(default)]
    pub estimate: bool,
    /// More of it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A kind of accelerator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accelerator {
    /// What flags call it.
    pub name: String,
    /// What a reader calls it.
    pub label: String,
    /// Memory, in GB.
    pub memory_gb: f64,
    /// Bandwidth of the memory, in GB/s.
    pub bandwidth_gb_s: f64,
    /// Dense operations with 16 bits, in TFLOPS.
    pub fp16_tflops: f64,
    /// Dense operations with 8 bits; none where it has no such unit.
    #[serde(default)]
    pub fp8_tflops: Option<f64>,
    /// Power, in watts.
    pub power_w: f64,
    /// Where the figures above are from.
    pub specification: Origin,
    /// What one costs.
    pub price: Price,
    /// An hour on demand; none where nobody rents it out.
    #[serde(default)]
    pub on_demand: Option<Price>,
    /// An hour reserved for a year.
    #[serde(default)]
    pub reserved: Option<Price>,
}

/// What a place to run them costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// A kilowatt-hour.
    pub electricity_per_kwh: Figure,
    /// Power that a machine room takes for each watt of its machines.
    pub pue: Figure,
    /// A kilowatt with somebody else, a month.
    pub colocation_per_kw_month: Figure,
    /// What the machine around the cards adds to their price.
    pub server_price_share: Figure,
    /// What it adds to their power.
    pub server_power_share: Figure,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The kinds of accelerators.
    pub accelerators: Vec<Accelerator>,
    /// The place.
    pub site: Site,
}

impl Table {
    /// The table that is built in.
    ///
    /// # Errors
    /// Never, but for a build with a table that tests would refuse.
    pub fn builtin() -> Result<Self, CapacityError> {
        Self::parse(BUILTIN)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CapacityError> {
        let fault = |fault: String| CapacityError::Table { fault };
        let table: Self = serde_saphyr::from_str(text).map_err(|e| fault(e.to_string()))?;
        for a in &table.accelerators {
            let figures = [a.memory_gb, a.bandwidth_gb_s, a.fp16_tflops, a.power_w, a.fp8_tflops.unwrap_or(1.0)];
            if !figures.iter().all(|f| f.is_finite() && *f > 0.0) {
                return Err(fault(format!("{}: every figure has to be more than 0", a.name)));
            }
            let prices = [Some(&a.price), a.on_demand.as_ref(), a.reserved.as_ref()];
            if !prices.into_iter().flatten().all(|p| p.low >= 0.0 && p.high >= p.low && p.high.is_finite()) {
                return Err(fault(format!("{}: a price goes from low to high", a.name)));
            }
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_source_or_says_that_it_is_an_estimate() {
        let table = Table::builtin().unwrap();
        let mut told = Vec::new();
        for a in &table.accelerators {
            let s = &a.specification;
            told.push((a.name.clone(), s.source.clone(), s.estimate, s.date.clone(), s.note.clone()));
            for p in [Some(&a.price), a.on_demand.as_ref(), a.reserved.as_ref()].into_iter().flatten() {
                told.push((a.name.clone(), p.source.clone(), p.estimate, p.date.clone(), p.note.clone()));
            }
        }
        let site = &table.site;
        for f in [&site.electricity_per_kwh, &site.pue, &site.colocation_per_kw_month] {
            told.push(("site".into(), f.source.clone(), f.estimate, f.date.clone(), f.note.clone()));
        }
        for (name, source, estimate, date, note) in told {
            let sourced = source.is_some_and(|s| s.starts_with("http"));
            assert!(sourced || (estimate && note.is_some()), "{name}: neither a source nor a reason");
            assert!(date.starts_with("20"), "{name}: {date}");
        }
        assert!(table.accelerators.len() >= 9);
    }

    #[test]
    fn a_table_with_a_fault_is_refused() {
        let fault = |from: &str, to: &str| Table::parse(&BUILTIN.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(fault("memory_gb: 80", "memory_gb: 0").contains("a100-80gb"));
        assert!(fault("low: 8000", "low: 80000").contains("low to high"));
        assert!(fault("memory_gb: 80", "memory: 80").contains("memory"));
    }
}
