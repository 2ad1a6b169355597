//! Whether two values of one type are equal, part by part.

use super::failure::Failures;
use super::heap::Heap;
use super::message::{self, Holding, Message};
use super::slot;
use super::trap::{Trap, WORK_MAX};
use crate::language::types::{Kind, Type, Types};

/// What a comparison looks at.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The run's memory.
    pub heap: &'a Heap,
    /// The program's constants.
    pub constants: &'a [u8],
    /// Records and unions.
    pub types: &'a Types,
    /// The run's errors.
    pub failures: &'a Failures,
}

/// Two values still to be compared. They stand in a list, not on the stack of calls: values may be nested deeply.
type Pair<'a> = (&'a Type, u64, u64);

impl<'a> Values<'a> {
    /// Equal, and how many parts were looked at.
    pub fn equal(self, ty: &'a Type, left: u64, right: u64) -> Result<(bool, u64), Trap> {
        let mut pairs = vec![(ty, left, right)];
        let mut looked_at = 0;
        while let Some(pair) = pairs.pop() {
            looked_at += 1;
            if looked_at > u64::from(WORK_MAX) {
                return Err(Trap::TooMuchWork);
            }
            if !self.equal_part(pair, &mut pairs)? {
                return Ok((false, looked_at));
            }
        }
        Ok((true, looked_at))
    }

    /// The same texts?
    pub fn equal_text(self, left: u64, right: u64) -> bool {
        left == right
            || !(slot::is_inline(left) || slot::is_inline(right))
                && self.heap.text(self.constants, left).as_bytes() == self.heap.text(self.constants, right).as_bytes()
    }

    fn equal_part(self, pair: Pair<'a>, pairs: &mut Vec<Pair<'a>>) -> Result<bool, Trap> {
        let (ty, left, right) = pair;
        if left == right {
            return Ok(true);
        }
        Ok(match (ty, ty.kind()) {
            (Type::Optional(of), _) => {
                if left == 0 || right == 0 {
                    return Ok(false);
                }
                let kind = of.kind();
                pairs.push((of, message::unbox(self.heap, kind, left)?, message::unbox(self.heap, kind, right)?));
                true
            }
            (_, Kind::Text) => self.equal_text(left, right),
            (Type::List(of), _) => {
                let (left, right) = (self.heap.members(left)?, self.heap.members(right)?);
                left.len() == right.len() && {
                    push_all(pairs, std::iter::repeat(of.as_ref()), left, right)?;
                    true
                }
            }
            (Type::Record(at), _) => {
                let fields =
                    self.types.records.get(usize::from(*at)).map(|record| record.fields.as_slice()).unwrap_or_default();
                self.push_cells(pairs, fields.iter().map(|(_, ty)| ty), left, right)?
            }
            (Type::Phrase, _) => self.push_cells(pairs, [&Type::Text, &Type::Text].into_iter(), left, right)?,
            (Type::Receipt, _) => {
                let (left, right) = (self.heap.members(left)?, self.heap.members(right)?);
                for (left, right) in left.iter().zip(right) {
                    self.push_cells(pairs, RECEIPT_LINE.iter(), *left, *right)?;
                }
                left.len() == right.len()
            }
            (Type::Union(at), _) => {
                let ((left_tag, left), (right_tag, right)) = (slot::variant_parts(left), slot::variant_parts(right));
                if left_tag != right_tag {
                    return Ok(false);
                }
                let payload = self
                    .types
                    .unions
                    .get(usize::from(*at))
                    .and_then(|union| union.variants.get(usize::from(left_tag)))
                    .and_then(|(_, payload)| payload.as_ref());
                if let Some(payload) = payload {
                    pairs.push((payload, self.heap.cell(left)?, self.heap.cell(right)?));
                }
                true
            }
            (_, Kind::Message) => self.equal_messages(left, right)?,
            (_, Kind::Sealed) => message::sealed(self.heap, left)?.0 == message::sealed(self.heap, right)?.0,
            (Type::Error, _) => {
                let of = |slot| self.failures.at_slot(slot).map(|(_, error)| (&error.code, &error.facts));
                of(left) == of(right)
            }
            _ => false,
        })
    }

    fn push_cells(
        self,
        pairs: &mut Vec<Pair<'a>>,
        types: impl ExactSizeIterator<Item = &'a Type>,
        left: u64,
        right: u64,
    ) -> Result<bool, Trap> {
        let count = types.len() as u32;
        let cells = |slot: u64| {
            let at = u32::try_from(slot).map_err(|_| Trap::Defect("a record is no reference"))?;
            self.heap.cells(at, count)
        };
        push_all(pairs, types, cells(left)?, cells(right)?)?;
        Ok(true)
    }

    fn equal_messages(self, left: u64, right: u64) -> Result<bool, Trap> {
        let (left, right) = (Message::at(self.heap, left)?, Message::at(self.heap, right)?);
        if left.mti() != right.mti() || !left.numbers().eq(right.numbers()) {
            return Ok(false);
        }
        for number in left.numbers() {
            let same = match (left.field(number)?, right.field(number)?) {
                (Some((holding, left)), Some((other, right))) if holding == other => match holding {
                    Holding::Text | Holding::Bytes => self.equal_text(left, right),
                    Holding::Sealed => message::sealed(self.heap, left)?.0 == message::sealed(self.heap, right)?.0,
                    Holding::Word | Holding::Code | Holding::Amount => left == right,
                },
                _ => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What a line of a slip holds: form, Chinese, English, the value on the right.
pub const RECEIPT_LINE: [Type; 4] = [Type::Int, Type::Text, Type::Text, Type::Text];

fn push_all<'a>(
    pairs: &mut Vec<Pair<'a>>,
    types: impl Iterator<Item = &'a Type>,
    left: &[u64],
    right: &[u64],
) -> Result<(), Trap> {
    if pairs.len() + left.len() > WORK_MAX as usize {
        return Err(Trap::TooMuchWork);
    }
    pairs.extend(types.zip(left).zip(right).map(|((ty, left), right)| (ty, *left, *right)));
    Ok(())
}
