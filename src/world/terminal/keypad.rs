//! The simulated cashier at the keys.

use crate::payment::amount::Amount;
use crate::payment::currency::Currency;
use crate::script_error::catalogue::person;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::fault::Fault;
use crate::world::port::failure::Failure;
use crate::world::port::keypad::Keypad;
use crate::world::port::waited::Waited;
use crate::world::stage::SharedStage;

/// Keys on which somebody types what a scenario says.
pub struct SimulatedKeypad(pub SharedStage);

/// How long the cashier takes to key something in.
const KEYING_MS: i64 = 2_500;

impl Keypad for SimulatedKeypad {
    fn amount(&mut self, prompt: &Said, within_ms: i64) -> Waited<Result<Amount, Failure>> {
        let mut stage = self.0.borrow_mut();
        stage.glass.shown.push(prompt.clone());
        stage.glass.now = Some(prompt.clone());
        let amount = stage.inputs.amounts.pop_front();
        let amount = amount.unwrap_or(Amount::new(10_000, Currency::CNY));
        Waited::new(KEYING_MS.min(within_ms), Ok(amount))
    }

    fn digits(&mut self, prompt: &Said, most: usize, within_ms: i64) -> Waited<Result<String, Failure>> {
        let mut stage = self.0.borrow_mut();
        stage.glass.shown.push(prompt.clone());
        stage.glass.now = Some(prompt.clone());
        match stage.inputs.digits.pop_front() {
            // The keys take no more than asked for.
            Some(digits) => Waited::new(KEYING_MS.min(within_ms), Ok(digits.chars().take(most).collect())),
            None => nobody(within_ms),
        }
    }

    fn supervisor(&mut self, within_ms: i64) -> Waited<Result<bool, Failure>> {
        let mut stage = self.0.borrow_mut();
        let prompt = Said::new("请主管输入密码", "Supervisor's password");
        stage.glass.shown.push(prompt.clone());
        stage.glass.now = Some(prompt);
        Waited::new(KEYING_MS.min(within_ms), Ok(!stage.faults.has(Fault::WrongPassword)))
    }
}

/// Nobody did anything until the limit.
pub(crate) fn nobody<T>(within_ms: i64) -> Waited<Result<T, Failure>> {
    let failure = Failure::new(person::NO_INPUT).fact("after", Fact::Duration(within_ms));
    Waited::new(within_ms, Err(failure))
}
