//! Did you mean: the nearest of the words that would have been legal.

use super::words::Said;

/// How many letters have to be changed, put in or taken out, at most `most + 1`. Two swapped letters count once.
pub fn distance(left: &str, right: &str, most: usize) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, from) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in right.iter().enumerate() {
            let mut cost = (last[column] + usize::from(from != to)).min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *from == right[column - 1] && left[row - 1] == *to {
                cost = cost.min(before[column - 1] + 1);
            }
            current.push(cost);
        }
        before = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(0).min(most + 1)
}

/// The nearest word, if one is near enough: one letter in a short word, two in a longer one. The first of equals.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name of a thousand letters is no typing slip, and comparing it would cost.
    let letters = wanted.chars().take(65).count();
    // And one letter is as near to any other as to none.
    if !(2..=64).contains(&letters) {
        return None;
    }
    let most = if letters <= 3 { 1 } else { 2 };
    known
        .into_iter()
        .filter(|word| *word != wanted)
        .map(|word| (distance(wanted, word, most), word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The nearest word, or else the shortest that begins with what was written: for names too long to be typed from memory.
pub fn nearest_or_begun<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.collect();
    nearest(wanted, known.iter().copied()).or_else(|| {
        known.into_iter().filter(|word| wanted.len() >= 3 && word.starts_with(wanted)).min_by_key(|word| word.len())
    })
}

/// The question, as a sentence of its own.
pub fn did_you_mean(near: &str) -> Said {
    Said::new(format!("是否想写 {near}？"), format!("Did you mean {near}?"))
}
