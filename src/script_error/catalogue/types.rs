//! Names, types, and messages against their dialect.

super::rows! {
    T0201 UNKNOWN_NAME UnknownName(name: Name) Types {
        title { zh "未知名称“{name}”" en "unknown name `{name}`" }
        fix { zh "检查拼写，或先声明、先 import。" en "Check the spelling, or declare or import it first." }
        about {
            zh "名称须在使用前由 let、参数、声明或 import 给出。大小写有别。块内声明的名称只在块内有效。"
            en "A name comes from a `let`, a parameter, a declaration or an import. Capitals matter. A name made inside a block ends with the block."
        }
        example "fn f() -> Int = amuont"
    }

    T0202 TYPE_MISMATCH TypeMismatch(expected: Text, found: Text) Types {
        title { zh "此处应为 {expected}，却是 {found}" en "expected {expected}, found {found}" }
        fix { zh "换成所需类型的值。" en "Give a value of the expected type." }
        about {
            zh "语言不作隐式转换：金额、时长、数字串与整数各是各的类型，混用多半是单位弄错。"
            en "Nothing is converted silently: amounts, durations, digits and whole numbers are types of their own, and mixing them is usually a mistake of units."
        }
        example "fn f() -> Int = true"
    }

    T0203 NOT_COMPARABLE NotComparable(left: Text, right: Text) Types {
        title { zh "{left} 与 {right} 不能比较" en "{left} cannot be compared with {right}" }
        fix { zh "两边写成同一类型，如金额写明币种。" en "Give both sides the same type; write an amount with its currency." }
        about {
            zh "只有同类的值可以比较。金额与整数比较时，看不出 1000 是 1000 分还是 1000 元，所以须写成 1000.00 CNY。"
            en "Only values of one type can be compared. Between an amount and a whole number nobody can tell whether 1000 means fen or yuan, so write 1000.00 CNY."
        }
        example "fn f(a: Amount) -> Bool = a > 1000"
    }

    T0204 CURRENCIES_MIXED CurrenciesMixed(left: Text, right: Text) Types {
        title { zh "不同币种的金额不能一起计算：{left} 与 {right}" en "amounts in two currencies cannot be combined: {left} and {right}" }
        fix { zh "使用同一币种；换算金额由主机给出。" en "Use one currency; a converted amount comes from the host." }
        about {
            zh "语言中没有汇率。需要换算时，由主机在应答中给出（第 5、6 域）。"
            en "There is no exchange rate in the language. Where a conversion is needed, the host's reply carries it (fields 5 and 6)."
        }
        example "const TOTAL = 10.00 CNY + 5.00 USD"
    }

    T0205 BAD_AMOUNT BadAmount(amount: Text, currency: Text) Types {
        title { zh "“{amount}”不是可用的 {currency} 金额" en "`{amount}` is not an amount in {currency}" }
        fix { zh "检查币种代码与小数位数：CNY 两位，JPY 没有小数。" en "Check the currency code and its decimals: CNY has two, JPY has none." }
        about {
            zh "币种用 ISO 4217 的三个大写字母，小数位数须与币种一致，金额须能放进第 4 域的 12 位。多写或少写一位小数会差十倍，所以不作补齐。"
            en "A currency is three capitals of ISO 4217, the decimals have to be the currency's, and the amount has to fit the 12 digits of field 4. One decimal more or less is a factor of ten, so nothing is filled in."
        }
        example "const A = 1.234 CNY"
    }

    T0206 DEFINED_TWICE DefinedTwice(name: Name) Types {
        title { zh "“{name}”声明了两次" en "`{name}` is defined twice" }
        fix { zh "改名或删去其一。" en "Rename or remove one of them." }
        about {
            zh "同一范围内一个名称只能有一个意思。若同名来自两个 import，用 as 给其中一个改名。"
            en "Within one scope a name means one thing. If both come from imports, give one another name with `as`."
        }
        example "const A = 1\nconst A = 2"
    }

    T0207 UNKNOWN_TYPE UnknownType(name: Name) Types {
        title { zh "没有类型“{name}”" en "there is no type `{name}`" }
        fix { zh "检查拼写，或用 record、type 声明它。" en "Check the spelling, or declare it with `record` or `type`." }
        about {
            zh "类型名以大写字母开头，如 Amount、Digits(6)、List[Text]、PinBlock?。自己的类型用 record 或 type 声明。"
            en "Type names start with a capital: Amount, Digits(6), List[Text], PinBlock?. Your own are declared with `record` or `type`."
        }
        example "fn f(a: Money) -> Int = 1"
    }

    T0208 UNKNOWN_MEMBER UnknownMember(member: Name, type: Text) Types {
        title { zh "{type} 没有“{member}”" en "{type} has no `{member}`" }
        fix { zh "检查拼写，或看该类型有哪些成员。" en "Check the spelling, or look up what this type offers." }
        about {
            zh "点号后面是设备的方法、记录的字段或类型的属性。值可能为 none 时，须先判断再取成员。"
            en "After the dot stands a method of a device, a field of a record or a property of a type. A value that may be `none` has to be checked before its members can be used."
        }
        example "fn f(a: Amount) -> Int = a.colour"
    }

    T0209 MISSING_ARGUMENT MissingArgument(callee: Name, name: Name) Types {
        title { zh "调用 {callee} 缺少参数“{name}”" en "the call of `{callee}` lacks `{name}`" }
        fix { zh "补上参数“{name}”。" en "Add the argument `{name}`." }
        about {
            zh "没有默认值的参数都要给出。设备方法的参数大多写名称，如 within: 60s。"
            en "Every parameter without a default has to be given. Arguments of device methods mostly carry their names, such as `within: 60s`."
        }
        example "fn g(a: Int) -> Int = a\nfn f() -> Int = g()"
    }

    T0210 UNKNOWN_ARGUMENT UnknownArgument(callee: Name, name: Name) Types {
        title { zh "{callee} 没有参数“{name}”" en "`{callee}` has no parameter `{name}`" }
        fix { zh "检查拼写，或删去该参数。" en "Check the spelling, or remove the argument." }
        about {
            zh "写名称的参数须与声明中的名称一致；同一参数也只能给一次。"
            en "A named argument has to carry a name of the declaration, and each may be given once only."
        }
        example "fn g(a: Int) -> Int = a\nfn f() -> Int = g(1, b: 2)"
    }

    T0211 TOO_MANY_ARGUMENTS TooManyArguments(callee: Name, most: Count) Types {
        title { zh "{callee} 最多 {most} 个参数" en "too many arguments for `{callee}`: {most} at most" }
        fix { zh "删去多余的参数。" en "Remove the arguments that are too many." }
        about {
            zh "多出的参数不会被忽略，因为它多半表示作者想的是另一个函数。"
            en "Arguments that are too many are not ignored, since the author probably had another function in mind."
        }
        example "fn g(a: Int) -> Int = a\nfn f() -> Int = g(1, 2)"
    }

    T0212 NOT_CALLABLE NotCallable(name: Name) Types {
        title { zh "“{name}”不能调用" en "`{name}` cannot be called" }
        fix { zh "去掉括号，或改成要调用的名称。" en "Remove the brackets, or name what you want to call." }
        about {
            zh "能调用的有 flow、fn、记录、声明的错误、带参数的文本与设备方法。常量和变量只是值。"
            en "What can be called: flows, functions, records, declared errors, texts with parameters, methods of devices. Constants and variables are values."
        }
        example "const A = 1\nfn f() -> Int = A()"
    }

    T0213 IMPORT_NOT_FOUND ImportNotFound(path: Text) Types {
        title { zh "找不到要引入的“{path}”" en "nothing to import at `{path}`" }
        fix { zh "检查路径：先找本文件旁边，再找标准库。" en "Check the path: files beside this one come first, then the library." }
        about {
            zh "import a.b 指本文件旁边的 a/b.till，其次是标准库中的 a/b.till。大小写有别。"
            en "`import a.b` means a/b.till beside this file, and after that a/b.till of the library. Capitals matter."
        }
        example "import nowhere"
    }

    T0214 IMPORT_CYCLE ImportCycle(path: Text) Types {
        title { zh "引入成环：{path}" en "imports go round in a circle: {path}" }
        fix { zh "把共用的声明移到第三个文件。" en "Move what they share into a third file." }
        about {
            zh "两个文件互相引入时，不知应先检查哪一个。共用的部分放进另一个文件，环就解开了。"
            en "When two files import each other, neither can be checked first. Moving the shared part to another file opens the circle."
        }
        example "till check tests/errors/examples/circle.till"
    }

    T0215 IMPORT_OUTSIDE ImportOutside(path: Text) Types {
        title { zh "“{path}”在项目目录之外" en "`{path}` lies outside the project" }
        fix { zh "把文件移到项目目录内。" en "Move the file into the project's folder." }
        about {
            zh "引入不能离开主文件所在的目录，链接也不行。这样别人给的脚本读不到机器上的其他文件。"
            en "Imports may not leave the folder of the main file, not even through a link. So a script from somebody else cannot read other files of your machine."
        }
        example "till check project/main.till  # imports secret; project/secret.till is a link to ../secret.till"
    }

    T0216 NOT_PUBLIC NotPublic(name: Name) Types {
        title { zh "“{name}”不是 pub，别的文件不能使用" en "`{name}` is not `pub`, so other files cannot use it" }
        fix { zh "在其声明前加 pub，或改用公开的名称。" en "Put `pub` before its declaration, or use a public name." }
        about {
            zh "没有 pub 的声明只供本文件使用，作者可以随时改动它。"
            en "A declaration without `pub` is for its own file only; its author may change it at any time."
        }
        example "import cn_pos.numbers\nfn f() -> Digits(1) = numbers.pin_digit(true)"
    }

    T0217 ASSIGN_TO_LET AssignToLet(name: Name) Types {
        title { zh "“{name}”由 let 声明，不能再赋值" en "`{name}` comes from a `let` and cannot be assigned again" }
        fix { zh "把它的 let 改为 var。" en "Declare it with `var`." }
        about {
            zh "let 的值一经给出便不再改变，读的人不必往下找。需要改变的用 var。参数与循环变量也不能赋值。"
            en "What `let` names never changes, so a reader need not look further. Use `var` for what does. Parameters and loop variables cannot be assigned either."
        }
        example "flow f() -> Outcome {\n  let a = 1\n  a = 2\n  return done\n}"
    }

    T0218 OPTIONAL_NOT_CHECKED OptionalNotChecked(type: Text) Types {
        title { zh "此值是 {type}，可能为 none，须先判断" en "this is {type} and may be `none`; check it first" }
        fix { zh "先写 if x != none { ... } 再使用，或用 or 给出替代值。" en "Use it inside `if x != none { ... }`, or say what to take instead." }
        about {
            zh "类型后的 ? 表示可能没有值，如应答里未必有的域。先与 none 比较，之后在该分支内就可以直接使用。"
            en "A `?` after a type means that there may be no value, such as a field that a reply need not carry. Compare it with `none` first; inside that branch it can be used as it is."
        }
        example "fn f(a: Int?) -> Int = a"
    }

    T0219 OPERATOR_TYPE OperatorType(operator: Text, type: Text) Types {
        title { zh "运算符 {operator} 不能用于 {type}" en "the operator `{operator}` does not work on {type}" }
        fix { zh "改用该类型支持的运算。" en "Use an operation that the type has." }
        about {
            zh "加减用于整数、同币种金额与时长；乘以整数可以，金额相乘没有意义。and、or、not 只用于真假值。文字拼接写成 \"{a}{b}\"。"
            en "Plus and minus work on whole numbers, amounts of one currency and durations; an amount can be multiplied by a whole number but not by an amount. `and`, `or`, `not` take truth values only. Texts are joined as \"{a}{b}\"."
        }
        example "fn f() -> Bool = not 1"
    }

    T0220 NO_DIALECT NoDialect() Types {
        title { zh "写了报文，却没有引入方言" en "a message is written here, but no dialect is imported" }
        fix { zh "在文件开头引入方言，如 import cn_pos.dialect。" en "Import a dialect at the top, such as `import cn_pos.dialect`." }
        about {
            zh "各域的编码、长度与必备与否由方言规定；没有方言就无法检查，也无法组包。"
            en "A dialect says how each field is encoded, how long it is and whether it is needed. Without one a message can be neither checked nor packed."
        }
        example "fn f() -> Message = message 0800 { F11: \"000001\" }"
    }

    T0221 TWO_DIALECTS TwoDialects(what: Text, first: Name, second: Name) Types {
        title { zh "一个程序中有两份{what}：{first} 与 {second}" en "two {what} in one program: `{first}` and `{second}`" }
        fix { zh "只留一份；若要改动其中几行，用 extends 声明自己的。" en "Keep one; to change a few rows, declare your own with `extends`." }
        about {
            zh "一个程序只对一种主机说话。两个方言里同一个域可能编码不同，两份应答码表里同一个码可能含义不同，猜错就会误读主机。"
            en "One program talks to one kind of host. Two dialects may encode a field differently, two tables may read a code differently, and a wrong guess would misread the host."
        }
        example "import cn_pos.dialect\n\ndialect mine {\n  form ascii\n}"
    }

    T0222 FIELD_UNKNOWN FieldUnknown(field: Field, dialect: Name) Types {
        title { zh "方言 {dialect} 没有{field}" en "the dialect `{dialect}` has no {field}" }
        fix { zh "检查域号，或在自己的方言里加上这一行。" en "Check the number, or add the row in a dialect of your own." }
        about {
            zh "方言的域表列出本主机使用的域。第 1 域是位图，由程序生成，不能书写。"
            en "The dialect's table lists the fields this host uses. Field 1 is the bitmap; it is made by the program and cannot be written."
        }
        example "import cn_pos.dialect\nfn f() -> Message = message 0820 {\n  F41: \"10000007\"\n  F42: \"898310053110007\"\n  F60: \"00000001301\"\n  F127: \"1\"\n}"
    }

    T0223 FIELD_TYPE FieldType(field: Field, expected: Text, found: Text) Types {
        title { zh "{field}应为 {expected}，却是 {found}" en "{field} takes {expected}, found {found}" }
        fix { zh "给出该域所需类型的值。" en "Give a value of the type the field takes." }
        about {
            zh "每个域有自己的类型：第 4 域是金额，第 11 域是流水号，第 52 域是 PIN 密文。类型不符的值组不成主机能读的报文。"
            en "Each field has its type: field 4 an amount, field 11 a STAN, field 52 a PIN block. A value of another type cannot make a message the host can read."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0800 { F11: 1.00 CNY, F41: \"10000007\" }"
    }

    T0224 FIELD_LENGTH FieldLength(field: Field, expected: Text, found: Count) Types {
        title { zh "{field}长度应为 {expected}，此处为 {found}" en "{field} is {expected} long, this is {found}" }
        fix { zh "改成该域规定的长度。" en "Make it as long as the field." }
        about {
            zh "定长域须正好那么长，变长域不能超过上限。数字域少了前导零也算长度不符。"
            en "A field of fixed length takes exactly that many, a variable one no more than its limit. Missing leading zeros count too."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0800 { F11: \"1\", F41: \"10000007\" }"
    }

    T0225 FIELD_MISSING FieldMissing(field: Field, message: Text) Types {
        title { zh "报文 {message} 缺少{field}" en "message {message} lacks {field}" }
        fix { zh "补上{field}。" en "Add {field}." }
        about {
            zh "方言规定这种报文必须带此域，没有它主机会以格式错（30）拒绝。由程序填写的域不必书写。"
            en "The dialect says that this message needs the field; without it the host answers 30, format error. Fields that the program fills in need not be written."
        }
        example "import cn_pos.dialect\nfn f() -> Message = message 0200 { F3: \"000000\" }"
    }

    T0226 MESSAGE_UNKNOWN MessageUnknown(mti: Mti, dialect: Name) Types {
        title { zh "方言 {dialect} 没有报文 {mti}" en "the dialect `{dialect}` has no message {mti}" }
        fix { zh "检查报文类型，如消费 0200、签到 0800、冲正 0400。" en "Check the message type: sale 0200, sign-in 0800, reversal 0400." }
        about {
            zh "方言列出可以发送的报文类型及其规则；不在其中的，主机多半不认。"
            en "The dialect lists the message types that may be sent and their rules; a host is unlikely to know any other."
        }
        example "import cn_pos.dialect\nfn f() -> Message = message 0700 { F11: \"000001\" }"
    }

    T0227 DUPLICATE_FIELD DuplicateField(field: Field) Types {
        title { zh "{field}写了两次" en "{field} is given twice" }
        fix { zh "删去其一。" en "Remove one of them." }
        about {
            zh "一个报文里每个域只出现一次；写两次时看不出作者要的是哪个值。"
            en "A message holds each field once; with two, nobody can tell which value was meant."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0800 { F11: \"000001\", F11: \"000002\", F41: \"10000007\" }"
    }

    T0228 BAD_DIALECT BadDialect(detail: Text) Types {
        title { zh "方言声明有误：{detail}" en "this dialect declaration is wrong: {detail}" }
        fix { zh "对照规范改正该行。" en "Correct the row against the specification." }
        about {
            zh "方言的每一行都要自洽：编码、长度、填充三者相配，引用的域存在，匹配键与必备域在域表中。"
            en "Every row of a dialect has to make sense: encoding, length and padding fit together, and the fields it refers to are in its table."
        }
        example "dialect mine {\n  form bcd\n  fields {\n    | field | name | class | encoding | length | zh | en |\n    | F4 | amount | n | morse | 12 | \"金额\" | \"amount\" |\n  }\n}"
    }

    T0229 BAD_CODES BadCodes(detail: Text) Types {
        title { zh "应答码表有误：{detail}" en "this table of response codes is wrong: {detail}" }
        fix { zh "改正该行：两位代码、名称、类别与两种语言的说明。" en "Correct the row: two characters, a name, a category, and the meaning in both languages." }
        about {
            zh "应答码为两位字母或数字，各属一类：accept、decline、capture、rekey、retry、refer。类别决定 match 是否写全，填错会使该没收的卡被当作普通拒绝。"
            en "A response code is two letters or digits and belongs to one category: accept, decline, capture, rekey, retry, refer. The category decides whether a `match` is complete; a wrong one makes a card to be retained look like a plain decline."
        }
        example "codes mine {\n  | code | name | category | zh | en |\n  | 051 | insufficient_funds | decline | \"余额不足\" | \"insufficient funds\" |\n}"
    }

    T0230 CANNOT_INFER CannotInfer(name: Name) Types {
        title { zh "看不出“{name}”的类型" en "the type of `{name}` cannot be told" }
        fix { zh "写明类型，如 var pin: PinBlock? = none。" en "Write the type, such as `var pin: PinBlock? = none`." }
        about {
            zh "none 与空列表本身没有类型，要由声明写明。"
            en "`none` and the empty list have no type of their own; the declaration has to say it."
        }
        example "flow f() -> Outcome {\n  let a = none\n  return done\n}"
    }

    T0231 FIELD_NOT_IN_MESSAGE FieldNotInMessage(field: Field, message: Text) Types {
        title { zh "报文 {message} 不带{field}" en "message {message} does not carry {field}" }
        fix { zh "删去该域，或检查报文类型。" en "Remove the field, or check the message type." }
        about {
            zh "方言说明每种报文可带哪些域。多带的域有的主机会忽略，有的会以格式错拒绝。"
            en "The dialect says which fields each message may carry. A field too many is ignored by some hosts and answered with a format error by others."
        }
        example "import iso1987.dialect\nfn f() -> Message = message 0800 { F4: 1.00 CNY, F11: \"000001\", F41: \"10000007\" }"
    }

    T0232 VALUE_UNUSED ValueUnused() Types {
        title { zh "此值没有被使用" en "this value is not used" }
        fix { zh "用 let 存下、返回它，或删去该行。" en "Name it with `let`, return it, or delete the line." }
        about {
            zh "只求值而不用，这一行就什么也没做；通常是少写了 return、let 或 ==。"
            en "A line that works out a value and drops it does nothing; usually a `return` or a `let` is missing."
        }
        example "fn g() -> Int = 1\nflow f() -> Outcome {\n  g()\n  return done\n}"
    }

    T0233 DIGITS_LENGTH DigitsLength(expected: Count, found: Count) Types {
        title { zh "应为 {expected} 位数字，此处有 {found} 位" en "digits expected: {expected}, found: {found}" }
        fix { zh "补足前导零，或去掉多余的数字。" en "Add leading zeros, or remove what is too much." }
        about {
            zh "Digits(n) 是正好 n 位的数字串，如流水号 Digits(6)。位数不同会使后面的内容全部错位，所以不自动补零。"
            en "Digits(n) is a string of exactly n digits, such as a STAN of Digits(6). A digit too few shifts everything behind it, so zeros are never added silently."
        }
        example "const A: Digits(6) = \"123\""
    }

    T0234 NOT_CONSTANT NotConstant(name: Name) Types {
        title { zh "“{name}”不是常量，不能用在这里" en "`{name}` is not constant, so it cannot stand here" }
        fix { zh "写成字面值或另一个 const。" en "Write a literal or another `const`." }
        about {
            zh "const 与表格中的值在编译时就要知道，不能取自设备、参数或流程。"
            en "The value of a `const` or a table cell has to be known when the program is compiled; it cannot come from a device, a parameter or a flow."
        }
        example "fn g() -> Int = 1\nconst A = g()"
    }

    T0235 FLOW_TOO_LARGE FlowTooLarge(flow: Name, what: Text, limit: Count) Types {
        title { zh "“{flow}”太大：{what}超过 {limit}" en "`{flow}` is too large: more than {limit} {what}" }
        fix { zh "拆成几个 flow 或 fn。" en "Split it into several flows or functions." }
        about {
            zh "字节码中一个函数的变量、常量与指令数各有上限，使虚拟机的内存可以预知。手写的流程很少达到。"
            en "In bytecode one function has limits for its variables, constants and instructions, so that the memory of a run is known beforehand. Flows written by hand rarely reach them."
        }
        example "till check tests/errors/examples/crowded.till"
    }

    T0236 TYPE_IN_ITSELF TypeInItself(name: Name) Types {
        title { zh "类型“{name}”包含了它自己" en "the type `{name}` contains itself" }
        fix { zh "去掉回到自身的那个字段，或改存一个编号。" en "Remove the field that leads back to it, or keep a number instead." }
        about {
            zh "记录与联合类型不能直接或间接包含自己，否则一个值没有尽头。List 与 ? 之内也不行。"
            en "A record or union cannot hold itself, directly or by way of others: such a value would have no end. Inside a list or behind `?` it may not either."
        }
        example "record A(next: A?)"
    }

    T0237 TOO_MANY_TURNS TooManyTurns(limit: Count, found: Count) Types {
        title { zh "重复次数应为 0 到 {limit}，此处为 {found}" en "something may be repeated 0 to {limit} times, here it is {found}" }
        fix { zh "减少次数；等待设备时写时限 within:，不要空转。" en "Lower the count; to wait for a device, give it a limit with `within:` instead of going round." }
        about {
            zh "循环与 retry 的次数在编译时已知且有上限，所以一次运行最长多久可以预知。真正需要上万次的多半是想等待某件事，那应写 within:。"
            en "How often a loop or a `retry` repeats is known when compiled and has a limit, so that the longest run is known beforehand. Whoever needs more usually wants to wait for something, and that is written `within:`."
        }
        example "flow f() -> Outcome uses log {\n  repeat 1000000 times {\n    log.info(\"x\")\n  }\n  return done\n}"
    }
}
