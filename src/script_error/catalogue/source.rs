//! Signs, words and structure of a source file.

super::rows! {
    T0001 NOT_UTF8 NotUtf8(offset: Count) Lexical {
        title { zh "文件不是 UTF-8 编码（第 {offset} 字节）" en "the file is not UTF-8 (byte {offset})" }
        fix { zh "在编辑器中以 UTF-8 另存。" en "Save the file as UTF-8 in your editor." }
        about {
            zh "源文件只认 UTF-8。中文 Windows 的旧编辑器常存成 GBK，此时第一个汉字就会出错。文件头的 BOM 可以保留。"
            en "Source files are UTF-8 only. Old editors on Chinese Windows often save GBK, and then the first Chinese character fails. A byte-order mark at the start is accepted."
        }
        example "till check tests/errors/examples/gbk.txt"
    }

    T0002 FULL_WIDTH_SIGN FullWidthSign(sign: Text) Lexical {
        title { zh "此处不能用全角“{sign}”" en "full-width `{sign}` is not punctuation here" }
        fix { zh "改用半角符号。" en "Use the ASCII sign." }
        about {
            zh "中文输入法在全角状态下会打出外形相近的符号。代码里只认半角符号；字符串与注释里可以用全角符号。"
            en "A Chinese input method in full-width mode types look-alike signs. Code takes ASCII signs only; strings and comments may hold full-width ones."
        }
        example "flow f（） -> Outcome { return done }"
    }

    T0003 INVISIBLE_CHARACTER InvisibleCharacter(character: Text) Lexical {
        title { zh "此处有看不见的字符 {character}" en "invisible character {character} here" }
        fix { zh "删去该字符。" en "Delete the character." }
        about {
            zh "从网页或聊天软件复制的文字常带零宽字符。它们看不见，却会让两个看似相同的名称不同，所以不予接受。"
            en "Text copied from web pages and chats often carries zero-width characters. They cannot be seen, yet they make two names differ that look the same, so they are refused."
        }
        example "const A\u{200B}B = 1"
    }

    T0004 BIDIRECTIONAL_CHARACTER BidirectionalCharacter(character: Text) Lexical {
        title { zh "此处有改变文字方向的字符 {character}" en "character {character} changes the direction of text here" }
        fix { zh "删去该字符；字符串中确需时写成转义或另行传入。" en "Delete the character; a string that needs it should get it from elsewhere." }
        about {
            zh "改变书写方向的字符能让屏幕上看到的代码与机器执行的不同，审核的人会被骗过。任何位置都不接受，注释与字符串中也一样。"
            en "Characters that change the direction of text can make code look different from what the machine runs, and a reviewer would be deceived. They are refused everywhere, in comments and strings too."
        }
        example "const A = 1 // \u{202E}abc"
    }

    T0005 UNTERMINATED_STRING UnterminatedString() Lexical {
        title { zh "字符串没有结束" en "this string is never closed" }
        fix { zh "在行末补上引号 \"。" en "Close it with `\"` on the same line." }
        about {
            zh "字符串须在同一行内结束。需要换行时写 \\n。若要在字符串中写引号，写 \\\"。"
            en "A string ends on the line where it starts. Write \\n for a line break and \\\" for a quotation mark inside."
        }
        example "const A = \"请挥卡"
    }

    T0006 SOURCE_TOO_LARGE SourceTooLarge(limit: Count) Lexical {
        title { zh "源文件超过 {limit} 字节" en "the source file is larger than {limit} bytes" }
        fix { zh "拆成几个文件，用 import 引入。" en "Split it into several files and import them." }
        about {
            zh "单个源文件有大小上限，使检查总能很快结束。手写的流程远小于此；达到上限的多半是误传的数据文件。"
            en "One source file has a limit, so that checking always ends soon. Flows written by hand are far smaller; a file this large is usually data passed by mistake."
        }
        example "till check large.till  # of more than 1 MiB"
    }

    T0007 NESTED_TOO_DEEP NestedTooDeep(limit: Count) Lexical {
        title { zh "括号嵌套超过 {limit} 层" en "brackets are nested more than {limit} deep" }
        fix { zh "把内层写成单独的 fn 或 flow，或先用 let 存下。" en "Move the inner part to a `fn` or a `flow` of its own, or name it with `let`." }
        about {
            zh "嵌套有上限，使任何输入都能在有限的内存里检查。手写的代码一般不超过十层。"
            en "Nesting has a limit, so that any input can be checked in bounded memory. Code written by hand rarely goes past ten."
        }
        example "const A = (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"
    }

    T0008 STRAY_SIGN StraySign(sign: Text) Lexical {
        title { zh "此处不应有“{sign}”" en "`{sign}` does not belong here" }
        fix { zh "按提示改写：and、or、not 写成单词，比较用 ==，语句之间不写分号。" en "Rewrite it as shown: `and`, `or` and `not` are words, `==` compares, and statements need no semicolon." }
        about {
            zh "其他语言的习惯写法在这里没有意义：语句之间不写分号，逻辑运算写 and、or、not，字符串只用双引号，比较用 ==。"
            en "Habits of other languages that mean nothing here: there are no semicolons, logic is written `and`, `or`, `not`, strings take double quotes only, and `==` compares."
        }
        example "flow f() -> Outcome { return done; }"
    }

    T0009 NAME_NOT_NORMAL NameNotNormal(name: Name) Lexical {
        title { zh "名称“{name}”不是规范写法" en "the name `{name}` is not in its normal form" }
        fix { zh "改成规范写法（全角字母改为半角）。" en "Write it in its normal form (ASCII instead of full-width letters)." }
        about {
            zh "同一个字可能有几种编码。名称须为 NFC，且与其 NFKC 形式相同，这样看着相同的名称就是同一个。全角字母是最常见的原因。"
            en "One character can have several encodings. A name must be NFC and equal to its NFKC form, so that names which look the same are the same. Full-width letters are the usual cause."
        }
        example "const ＡＢ = 1"
    }

    T0010 LOOK_ALIKE_NAME LookAlikeName(name: Name) Lexical {
        title { zh "名称“{name}”混用了外形相近的不同文字" en "the name `{name}` mixes scripts that look alike" }
        fix { zh "用同一种文字书写名称。" en "Write the name in one script." }
        about {
            zh "西里尔字母或希腊字母中有些与拉丁字母看不出分别。混在一个名称里多半是复制所致，也可能有意误导。汉字与拉丁字母混用不受影响。"
            en "Some Cyrillic and Greek letters cannot be told from Latin ones. Mixed in one name they are usually a copying accident, and could be meant to mislead. Chinese mixed with Latin is fine."
        }
        example "const p\u{0430}n = 1"
    }

    T0011 BAD_ESCAPE BadEscape(escape: Text) Lexical {
        title { zh "字符串中没有“{escape}”这种转义" en "`{escape}` is not an escape in a string" }
        fix { zh "可用 \\\"、\\\\、\\n、\\t、\\{、\\}；要写反斜杠本身，写 \\\\。" en "Use \\\" \\\\ \\n \\t \\{ or \\}; a backslash itself is written \\\\." }
        about {
            zh "转义只有六种，其余不猜测。花括号在字符串里表示填入值，要写花括号本身须转义。字节用 x\"6985\" 书写。"
            en "There are six escapes and no guessing. Braces in a string insert a value, so a brace itself needs its backslash. Bytes are written x\"6985\"."
        }
        example "const A = \"a\\q\""
    }

    T0012 CONTROL_CHARACTER ControlCharacter(character: Text) Lexical {
        title { zh "此处有控制字符 {character}" en "control character {character} here" }
        fix { zh "删去该字符；换行写 \\n，制表写 \\t。" en "Delete it; write \\n for a line break and \\t for a tab." }
        about {
            zh "控制字符会扰乱屏幕与打印机，也能在日志中伪造内容。源文件中只接受换行与制表符。"
            en "Control characters upset screens and printers and can forge lines in a log. A source file may hold line breaks and tabs only."
        }
        example "const A = 1 // \u{0007}"
    }

    T0013 BAD_NUMBER BadNumber(number: Text) Lexical {
        title { zh "“{number}”不是可用的数" en "`{number}` is not a number we can use" }
        fix { zh "写成不带前导零的十进制整数；定长数字串写成字符串，如 \"000000\"。" en "Write a decimal whole number without leading zeros; digits of a fixed length are a string such as \"000000\"." }
        about {
            zh "整数为 64 位十进制。前导零、指数与十六进制写法都不接受：支付报文里 000000 是数字串而不是零。金额写成 12.50 CNY，字节写成 x\"9F26\"。"
            en "Whole numbers are decimal, 64 bit. Leading zeros, exponents and hexadecimal are refused: in a payment message 000000 is a string of digits, not zero. Amounts are written 12.50 CNY, bytes x\"9F26\"."
        }
        example "const A = 007"
    }

    T0101 NOT_A_STATEMENT NotAStatement(name: Name) Syntax {
        title { zh "“{name}”不是语句" en "`{name}` is not a statement" }
        fix { zh "检查语句词的拼写，或把值存下、传给调用。" en "Check the spelling of the statement word, or use the value: name it or pass it on." }
        about {
            zh "语句以保留字开头，或是调用、赋值、if、match。单独一个名称什么也不做，通常是语句词拼错了，如 retrun。"
            en "A statement starts with a reserved word, or is a call, an assignment, an `if` or a `match`. A name alone does nothing; usually a statement word is misspelt, such as `retrun`."
        }
        example "flow f() -> Outcome { retrun\n  return done\n}"
    }

    T0102 EXPECTED_OTHER ExpectedOther(expected: Text, found: Text) Syntax {
        title { zh "此处应为 {expected}，却是 {found}" en "expected {expected}, found {found}" }
        fix { zh "按提示补上或改正。" en "Add or correct what is named." }
        about {
            zh "从这里起读不懂了。真正的错误可能在稍前处，例如少了逗号、括号或引号。其余流程已照常检查。"
            en "From here on the text makes no sense. The mistake may lie a little earlier, such as a missing comma, bracket or quotation mark. The other flows were checked as usual."
        }
        example "const A 1"
    }

    T0103 UNPAIRED_CLOSER UnpairedCloser(sign: Text) Syntax {
        title { zh "“{sign}”没有与之配对的左括号" en "`{sign}` closes nothing" }
        fix { zh "删去它，或补上左括号。" en "Delete it, or open the pair before it." }
        about {
            zh "每个右括号须有同种的左括号。多出一个，常是删改时留下的；种类不同，常是打错。"
            en "Every closing bracket needs an opening one of the same kind. One too many is usually left from an edit; the wrong kind is usually a slip."
        }
        example "flow f() -> Outcome { return done }\n}"
    }

    T0104 BLOCK_LEFT_OPEN BlockLeftOpen(sign: Text) Syntax {
        title { zh "“{sign}”没有闭合" en "`{sign}` is never closed" }
        fix { zh "补上右括号。" en "Close it." }
        about {
            zh "左括号之后到文件末尾或下一个流程开头都没有右括号。缩进用来猜测应在何处闭合，其余内容按已补上括号继续检查。"
            en "No closing bracket comes before the end of the file or the start of the next flow. Indentation tells where it was probably meant; the rest is checked as if it were there."
        }
        example "flow f() -> Outcome {\n  return done\n"
    }

    T0105 OPERATOR_STARTS_LINE OperatorStartsLine(operator: Text) Syntax {
        title { zh "行首不能是运算符“{operator}”" en "a line may not start with the operator `{operator}`" }
        fix { zh "把运算符移到上一行末尾。" en "Move the operator to the end of the line before." }
        about {
            zh "换行不结束语句，行首的减号会与上一行连成减法。为免误读，运算符须留在上一行末尾。"
            en "A line break does not end a statement, so a leading minus would subtract from the line before. To keep that from happening unseen, the operator stays at the end of its line."
        }
        example "fn f(a: Int) -> Int = a\n  - 1"
    }

    T0106 OPERAND_ON_NEXT_LINE OperandOnNextLine(word: Text) Syntax {
        title { zh "{word} 的值须写在同一行" en "the value of `{word}` must start on the same line" }
        fix { zh "把值移到 {word} 的同一行。" en "Move the value up to the line of `{word}`." }
        about {
            zh "换行不结束语句，写在 return 下一行的内容会被当作它的值，往往并非本意。所以值须从同一行开始。"
            en "A line break does not end a statement, so what stands on the next line would become the value of a `return` above it, which is rarely meant. The value therefore starts on the same line."
        }
        example "flow f() -> Outcome {\n  return\n    done\n}"
    }

    T0107 TWO_STATEMENTS_ON_LINE TwoStatementsOnLine() Syntax {
        title { zh "同一行有两条语句" en "two statements on one line" }
        fix { zh "另起一行。" en "Start a new line." }
        about {
            zh "每行一条语句，读的人不会漏看后一条。只有一条语句的块可以写在一行里。"
            en "One statement a line, so that nobody overlooks the second. A block of a single statement may stay on one line."
        }
        example "flow f() -> Outcome {\n  let a = 1 let b = 2\n  return done\n}"
    }

    T0108 NOT_AN_ITEM NotAnItem(found: Text) Syntax {
        title { zh "{found} 不能写在文件顶层" en "{found} cannot stand at the top of a file" }
        fix { zh "把语句放进 flow 或 test；顶层只写声明。" en "Put statements into a `flow` or a `test`; the top of a file holds declarations." }
        about {
            zh "文件顶层依次是 edition、import 与声明：flow、fn、const、type、record、text、error、codes、table、receipt、dialect、test。"
            en "The top of a file holds `edition`, imports and declarations: flow, fn, const, type, record, text, error, codes, table, receipt, dialect, test."
        }
        example "return done"
    }

    T0109 PARSE_LIMIT ParseLimit(limit: Count) Syntax {
        title { zh "此处过于繁复，读到 {limit} 步时停止" en "this part is too involved; reading stopped after {limit} steps" }
        fix { zh "拆成较小的声明。" en "Split it into smaller declarations." }
        about {
            zh "读取每个声明的步数有上限，使任何输入都很快有结果。手写的代码达不到此上限。"
            en "Reading one declaration has a limit of steps, so that any input ends soon. Code written by hand does not reach it."
        }
        example "till check tests/errors/examples/long-sum.till"
    }

    T0110 COMPARISON_CHAIN ComparisonChain() Syntax {
        title { zh "比较不能连写" en "comparisons cannot be chained" }
        fix { zh "用 and 连接两个比较，如 a < b and b < c。" en "Join two comparisons with `and`: `a < b and b < c`." }
        about {
            zh "a < b < c 在别的语言里是拿真假值再去比较。这里要求写明，不作猜测。"
            en "In other languages `a < b < c` compares a truth value with c. Here it has to be written out, and nothing is guessed."
        }
        example "fn f(a: Int) -> Bool = 1 < a < 3"
    }

    T0111 EDITION_UNKNOWN EditionUnknown(edition: Text) Syntax {
        title { zh "不认识 edition {edition}" en "edition {edition} is unknown" }
        fix { zh "写 edition 1，或升级 till。" en "Write `edition 1`, or install a newer `till`." }
        about {
            zh "edition 说明文件按哪一版语言书写。比本程序新的版本无法可靠地检查，所以不予接受。"
            en "The edition says for which version of the language a file was written. A newer one than this program knows cannot be checked faithfully, so it is refused."
        }
        example "edition 9"
    }

    T0112 UNKNOWN_ANNOTATION UnknownAnnotation(name: Name) Syntax {
        title { zh "没有名为“{name}”的标注" en "there is no annotation `{name}`" }
        fix { zh "检查拼写，或删去该标注。" en "Check the spelling, or remove the annotation." }
        about {
            zh "标注写在声明或语句之前，如 @allow(T0302, \"理由\")、@every_crash_point。不认识的标注若被忽略，作者会以为它有效，所以报错。"
            en "An annotation stands before a declaration or a statement, such as `@allow(T0302, \"reason\")` or `@every_crash_point`. An unknown one is refused, because ignoring it would let the author think that it works."
        }
        example "@always\nflow f() -> Outcome { return done }"
    }

    T0113 BAD_TABLE_ROW BadTableRow(expected: Count, found: Count) Syntax {
        title { zh "此行有 {found} 格，表头有 {expected} 格" en "cells in this row: {found}, in its header: {expected}" }
        fix { zh "使每行的格数与表头相同。" en "Give the row as many cells as the header has." }
        about {
            zh "表格每行以 | 开头和结尾，格数与表头一致。空格也是一格，两个 | 之间可以留空。"
            en "A table row starts and ends with | and has as many cells as its header. A cell may be empty, but its two | have to be there."
        }
        example "codes t {\n  | a | b |\n  | 1 |\n}"
    }

    T0114 ALLOW_WITHOUT_REASON AllowWithoutReason() Syntax {
        title { zh "@allow 须写明理由" en "`@allow` needs a reason" }
        fix { zh "在代码之后写一句理由，如 @allow(T0302, \"本店不收卡\")。" en "Write a reason behind the codes, such as `@allow(T0302, \"this shop keeps no cards\")`." }
        about {
            zh "放过一条警告是一个决定，半年后接手的人要知道为什么。理由是括号里的最后一项：一句普通文字，不含变量，至少有一个字。"
            en "To allow a warning is a decision, and whoever takes over in half a year has to know why. The reason is the last thing in the parentheses: a plain text without values, and at least one word."
        }
        example "@allow(T0602)\npub flow f() -> Outcome uses host {\n  return done\n}"
    }

    T0115 ERROR_ALLOWED ErrorAllowed(code: Text) Syntax {
        title { zh "{code} 是错误，不能用 @allow 放过" en "{code} is an error, which `@allow` cannot let pass" }
        fix { zh "改正错误，并删去这个代码。" en "Mend the error and remove the code." }
        about {
            zh "只有警告可以放过：程序能运行，由作者决定。错误说明程序的意思不成立或会出事，不改正就不会编译。运行时的错误代码也不写在这里，用 on 处理。"
            en "Only warnings can be allowed: the program runs, and its author decides. An error says that a program has no meaning or would do harm; it is not compiled until that is mended. Codes of errors in a run do not belong here either: handle those with `on`."
        }
        example "@allow(T5101, \"the line is slow here\")\nflow f() -> Outcome {\n  return done\n}"
    }

    T0116 ALLOW_NEVER_USED AllowNeverUsed(code: Text) Syntax {
        title { zh "这里没有 {code} 这样的警告，@allow 用不上" en "there is no warning {code} here to allow" }
        fix { zh "删去它，或移到警告所在之处。" en "Remove it, or move it to where the warning is." }
        about {
            zh "留着用不上的 @allow，以后真有这样的警告时就会被悄悄放过。@allow 只管它后面的那个声明、语句或分支；同一警告有几处放过时，算最里面的一处。"
            en "An `@allow` that nothing needs would silently let a real warning pass later. It holds for the item, statement or arm behind it; where several around a place allow the same code, the innermost counts."
        }
        example "@allow(T0302, \"no other code matters here\")\nflow f() -> Outcome {\n  return done\n}"
    }
}
