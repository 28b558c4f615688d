//! Korean sentences. Particles follow the last sound of the word before them.

use super::Voice;
use crate::answer::number::grouped;
use crate::segment::sentence::{Josa, josa};
use crate::segment::{Func, Refusal, Why};

/// Korean.
pub(super) struct Korean;

/// The counter of entities.
const COUNTER: &str = "명";

/// `'word'` and the particle that fits the word.
fn quoted(word: &str, particle: Josa) -> String {
    let whole = josa(word, particle);
    let particle = whole.strip_prefix(word).unwrap_or_default();
    format!("'{word}'{particle}")
}

fn quoted_list(words: &[String], particle: Josa) -> String {
    let Some((last, others)) = words.split_last() else { return String::new() };
    let mut all: Vec<String> = others.iter().map(|w| format!("'{w}'")).collect();
    all.push(quoted(last, particle));
    all.join(", ")
}

/// "연령대별", "성별": a label that ends in 별 already has it.
fn each(label: &str) -> String {
    if label.ends_with('별') { label.to_owned() } else { format!("{label}별") }
}

fn each_of(by: &[&str]) -> String {
    by.iter().map(|label| each(label)).collect::<Vec<_>>().join("·")
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" 외 {more}개") }
}

impl Voice for Korean {
    fn count(&self, who: &str, count: u64) -> String {
        format!("{} {}입니다.", josa(who, Josa::Topic), self.people(count))
    }

    fn count_all(&self, who: &str, count: u64) -> String {
        format!("전체 {} {}입니다.", josa(who, Josa::Topic), self.people(count))
    }

    fn nobody(&self, who: &str) -> String {
        format!("{} 없습니다.", josa(who, Josa::Topic))
    }

    fn few(&self, who: &str, below: u64) -> String {
        format!("{} {below}{COUNTER} 미만이라 수를 보여 드리지 않습니다.", josa(who, Josa::Topic))
    }

    fn shares(&self, previous: Option<&str>, population: Option<&str>) -> String {
        let previous = previous.map(|p| format!("직전 대비 {p}"));
        let population = population.map(|p| format!("전체의 {p}"));
        let both: Vec<_> = previous.into_iter().chain(population).collect();
        format!("{}입니다.", both.join(", "))
    }

    fn people(&self, count: u64) -> String {
        format!("{}{COUNTER}", grouped(count))
    }

    fn largest(&self, by: &[&str], group: &str, count: u64, share: &str, smallest: bool) -> String {
        let end = if smallest { "적습니다" } else { "많습니다" };
        format!("{}로는 {} {}({share})으로 가장 {end}.", each_of(by), josa(group, Josa::Subject), self.people(count))
    }

    fn highest(&self, by: &[&str], metric: &str, group: &str, value: &str, lowest: bool) -> String {
        let end = if lowest { "낮습니다" } else { "높습니다" };
        let group = josa(group, Josa::Subject);
        format!("{} {} {group} {} 가장 {end}.", each_of(by), josa(metric, Josa::Topic), josa(value, Josa::To))
    }

    fn suppressed(&self, groups: usize, below: u64) -> String {
        format!("{below}{COUNTER} 미만인 그룹을 알 수 없도록 그룹 {groups}개는 숨겼습니다.")
    }

    fn no_groups(&self, by: &[&str]) -> String {
        format!("{} 그룹이 모두 너무 작아 보여 드리지 않습니다.", each_of(by))
    }

    fn metric_name(&self, func: Func, label: &str) -> String {
        let func = match func {
            Func::Sum => "합계",
            Func::Avg => "평균",
            Func::Min => "최솟값",
            Func::Max => "최댓값",
            Func::Count => "건수",
            Func::CountDistinct => "종류 수",
            Func::Median => "중앙값",
        };
        format!("{label} {func}")
    }

    fn share_name(&self, condition: &str) -> String {
        format!("'{condition}' 비중")
    }

    fn metric_where(&self, metric: &str, rows: &str) -> String {
        format!("{metric}({rows})")
    }

    fn metric(&self, name: &str, value: &str) -> String {
        format!("{} {value}입니다.", josa(name, Josa::Topic))
    }

    fn no_metric(&self, name: &str) -> String {
        format!("{} 계산할 값이 없습니다.", josa(name, Josa::Topic))
    }

    fn hidden_metric(&self, name: &str) -> String {
        format!("{} 해당하는 수가 너무 적어 보여 드리지 않습니다.", josa(name, Josa::Topic))
    }

    fn term(&self, word: &str, means: &str) -> String {
        format!("{} {} 읽었습니다.", quoted(word, Josa::Topic), quoted(means, Josa::To))
    }

    fn typo(&self, word: &str, read_as: &str) -> String {
        format!("{} {} 읽었습니다.", quoted(word, Josa::Object), quoted(read_as, Josa::To))
    }

    fn chosen(&self, word: &str, read_as: &str) -> String {
        format!("{} {} 읽었습니다.", quoted(word, Josa::Topic), quoted(read_as, Josa::To))
    }

    fn background(&self, word: &str) -> String {
        format!("{} 배경 설명으로 보고 조건에 넣지 않았습니다.", quoted(word, Josa::Topic))
    }

    fn window(&self, word: &str, days: u32) -> String {
        format!(
            "{} 따로 조건에 넣지 않았습니다. 이 값은 이미 {days}일 동안 집계한 것입니다.",
            quoted(word, Josa::Topic)
        )
    }

    fn unmatched(&self, words: &[String]) -> String {
        format!("{} 알아듣지 못해 반영하지 못했습니다.", quoted_list(words, Josa::Topic))
    }

    fn question(&self, why: Why, word: &str) -> String {
        match why {
            Why::SharedName => format!("{} 여러 곳에 있습니다. 어느 것인가요?", quoted(word, Josa::Topic)),
            Why::SeveralTables => format!("{} 여러 뜻으로 읽힙니다. 어느 것인가요?", quoted(word, Josa::Topic)),
            Why::Vague => format!("{} 무엇을 기준으로 볼까요?", quoted(word, Josa::Topic)),
            Why::NoName => "어느 세그먼트를 말씀하시나요?".to_owned(),
            Why::TwoReadings => "두 가지로 읽힙니다. 어느 쪽인가요?".to_owned(),
        }
    }

    fn which_name(&self) -> String {
        "어떤 이름으로 저장할까요?".to_owned()
    }

    fn nothing_saved(&self, name: &str) -> String {
        if name.is_empty() {
            return "아직 저장된 세그먼트가 없습니다.".to_owned();
        }
        let name = quoted(name, Josa::Copula);
        format!("{name}는 이름으로 저장된 세그먼트가 없습니다. 아직 저장된 것이 하나도 없습니다.")
    }

    fn no_such_name(&self, name: &str) -> String {
        let name = quoted(name, Josa::Copula);
        format!("{name}는 이름으로 저장된 세그먼트가 없습니다. 다음 중 어느 것인가요?")
    }

    fn refusal(&self, refusal: Refusal, population: &str, entity: &str) -> String {
        match refusal {
            Refusal::Personal => format!(
                "누구인지 알 수 있는 정보는 한 명씩 보여 드릴 수 없습니다. 대신 조건에 맞는 {entity}의 수와 분포는 알려 드릴 수 있습니다."
            ),
            Refusal::Population => format!("{population}만 셀 수 있습니다. 그 밖은 조건이나 결과에 넣을 수 없습니다."),
            Refusal::Write => format!(
                "데이터를 바꾸거나 지우는 일은 할 수 없습니다. 조건에 맞는 {} 찾고 세는 일은 할 수 있습니다.",
                josa(entity, Josa::Object)
            ),
            Refusal::System => format!(
                "시스템의 동작을 보이거나 바꾸는 요청은 받지 않습니다. 찾고 싶은 {entity}의 조건을 말씀해 주세요."
            ),
        }
    }

    fn unknown(&self, words: &[String], near: &[String]) -> String {
        let near = if near.is_empty() {
            String::new()
        } else {
            format!(" 비슷한 것으로는 {} 있습니다.", quoted_list(near, Josa::Subject))
        };
        if words.is_empty() {
            return format!("무엇을 찾으시는지 알아듣지 못했습니다.{near} 조건을 조금 더 풀어서 말씀해 주세요.");
        }
        format!("{} 데이터에서 찾지 못했습니다.{near}", quoted_list(words, Josa::Topic))
    }

    fn no_such_turn(&self, turn: u32) -> String {
        format!("{turn}번째 요청은 없습니다.")
    }

    fn too_deep(&self) -> String {
        "조건이 너무 여러 겹이라 담을 수 없습니다. 나누어 말씀해 주세요.".to_owned()
    }

    fn too_long(&self, bytes: usize) -> String {
        format!("요청이 너무 깁니다. {}바이트까지 읽을 수 있으니 나누어 말씀해 주세요.", grouped(bytes as u64))
    }

    fn empty(&self) -> String {
        "찾고 싶은 대상의 조건을 말씀해 주세요.".to_owned()
    }

    fn failed(&self, cause: &str) -> String {
        format!("답을 내지 못했습니다: {cause}")
    }

    fn undone(&self) -> String {
        "직전 변경을 되돌렸습니다.".to_owned()
    }

    fn dropped(&self) -> String {
        "묻던 것은 없던 일로 했습니다.".to_owned()
    }

    fn nothing_to_undo(&self) -> String {
        "되돌릴 것이 없습니다.".to_owned()
    }

    fn reset(&self) -> String {
        "조건을 모두 비웠습니다.".to_owned()
    }

    fn saved(&self, name: &str, version: usize) -> String {
        let version = if version > 1 { format!(" (버전 {version})") } else { String::new() };
        format!("{} 저장했습니다{version}.", quoted(name, Josa::To))
    }

    fn loaded(&self, name: &str) -> String {
        format!("저장된 {} 불러왔습니다.", quoted(name, Josa::Object))
    }

    fn went_to(&self, turn: u32) -> String {
        if turn == 0 {
            "처음으로 돌아갔습니다.".to_owned()
        } else {
            format!("{turn}번째 요청 때로 돌아갔습니다.")
        }
    }

    fn export(&self, format: Option<&str>) -> String {
        let format = format.map(|f| format!("{f} ")).unwrap_or_default();
        format!("이 세그먼트가 {format}파일로 내보낼 대상입니다.")
    }

    fn compared(&self, name: &str, this: &str, that: &str, parts: Option<[u64; 3]>) -> String {
        let sizes = format!("지금 세그먼트는 {this}, {} {that}입니다.", quoted(name, Josa::Topic));
        let parts = parts.map_or_else(
            || "겹치는 수는 너무 작은 그룹이 드러나 보여 드리지 않습니다.".to_owned(),
            |[both, here, there]| {
                let [both, here, there] = [both, here, there].map(|n| self.people(n));
                format!("둘 다에 속하는 것은 {both}, 지금 세그먼트에만 {here}, '{name}'에만 {there}입니다.")
            },
        );
        format!("{sizes} {parts}")
    }

    fn fewer(&self, below: u64) -> String {
        format!("{below}{COUNTER} 미만")
    }

    fn about_term(&self, name: &str, means: &str, text: &str) -> String {
        format!("{} {} 뜻합니다 ({text}).", quoted(name, Josa::Topic), quoted(means, Josa::Object))
    }

    fn about_field(&self, label: &str, name: &str, about: &str) -> String {
        if about.is_empty() {
            format!("{label}({name}) 항목이 있습니다.")
        } else {
            format!("{label}({name}): {about}.")
        }
    }

    fn about_unit(&self, unit: &str) -> String {
        format!("단위는 {unit}입니다.")
    }

    fn about_range(&self, low: &str, high: &str) -> String {
        format!("{low}부터 {high}까지입니다.")
    }

    fn about_values(&self, values: &[&str], more: usize) -> String {
        format!("값: {}{}.", values.join(", "), and_more(more))
    }

    fn about_window(&self, days: u32) -> String {
        format!("최근 {days}일 동안 집계한 값입니다.")
    }

    fn about_bands(&self, label: &str, bands: &[String]) -> String {
        format!("{label}: {}.", bands.join(", "))
    }

    fn about_dataset(&self, label: &str, name: &str, row: &[&str]) -> String {
        format!("{label}({name}) 데이터입니다. 한 행은 {} 하나입니다.", row.join("·"))
    }

    fn about_fields(&self, label: &str, fields: &[&str], more: usize) -> String {
        format!("{label}: {}{}.", fields.join(", "), and_more(more))
    }

    fn about_data(&self, as_of: &str, from: &str, to: &str, population: &str) -> String {
        format!("데이터 기준일은 {as_of}, 집계기간은 {from}부터 {to}까지이며, 대상은 {population}입니다.")
    }

    fn about_min_group(&self, min: u64) -> String {
        format!("{min}{COUNTER} 미만인 그룹은 보여 드리지 않습니다.")
    }

    fn about_segment(&self, lines: &[String]) -> String {
        format!("지금 조건은 다음과 같습니다: {}.", lines.join("; "))
    }

    fn about_everybody(&self, population: &str) -> String {
        format!("지금은 조건이 없습니다. {population} 전체입니다.")
    }

    fn about_everything(&self) -> String {
        "다음과 같은 것을 물어보실 수 있습니다.".to_owned()
    }

    fn about_nothing(&self) -> String {
        "무엇에 대한 질문인지 찾지 못했습니다.".to_owned()
    }

    fn ask_undo(&self) -> String {
        "되돌려줘".to_owned()
    }

    fn ask_breakdown(&self, label: &str) -> String {
        format!("{}로 나눠줘", each(label))
    }

    fn ask_narrow(&self, term: &str, entity: &str) -> String {
        format!("이 중 {term} {entity}만")
    }

    fn ask_everything(&self) -> String {
        "어떤 조건을 쓸 수 있어?".to_owned()
    }

    fn ask_reset(&self) -> String {
        "처음부터 다시".to_owned()
    }
}
