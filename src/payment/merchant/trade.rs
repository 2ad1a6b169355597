//! Trades by their merchant category code (MCC), which may stand at the characters 8 to 11 of a merchant number.
//!
//! The codes are those of ISO 18245 in everyday use. The class says which part of the 2016 price rules (see `fee`) a
//! trade falls under; a class belongs to a shop by its acquirer's filing, so here it is a hint.

/// Which price rules hold for a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The ordinary fee.
    Standard,
    /// Supermarkets, warehouse stores, utilities, fuel, tickets: reduced issuer and network fees.
    Discounted,
    /// Hospitals, schools and charities that are not for profit: no issuer and network fee.
    PublicBenefit,
}

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Its four digits.
    pub mcc: u16,
    /// Its price class.
    pub class: Class,
    /// Trades of one group are easily filed for each other; a difference inside a group says little.
    pub group: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Words by which people name it.
    pub said: &'static [&'static str],
}

macro_rules! trades {
    ($( $mcc:literal $class:ident $group:ident $zh:literal $en:literal $said:tt )*) => {
        /// The trades that slips show most.
        pub const TRADES: &[Trade] = &[ $( Trade {
            mcc: $mcc, class: Class::$class, group: stringify!($group), zh: $zh, en: $en, said: &$said,
        } ),* ];
    };
}

trades! {
    4111 Discounted transport "城市客运" "local passenger transport" ["地铁", "公交", "bus", "metro"]
    4112 Discounted transport "铁路客运" "passenger railways" ["火车票", "铁路", "railway"]
    4121 Standard transport "出租车" "taxis" ["出租", "打车", "taxi"]
    4131 Discounted transport "长途客运" "bus lines" ["汽车站", "客运"]
    4215 Standard delivery "快递" "couriers" ["快递", "物流", "courier"]
    4511 Discounted transport "航空公司" "airlines" ["机票", "航空", "airline"]
    4722 Standard travel "旅行社" "travel agencies" ["旅行社", "旅游", "travel"]
    4814 Standard telecom "电信服务" "telecommunication services" ["话费", "电信", "移动", "联通", "telecom"]
    4900 Discounted utility "水电燃气" "utilities" ["水费", "电费", "燃气", "煤气", "utilities"]
    5094 Standard jewellery "珠宝批发" "precious stones, wholesale" ["珠宝批发"]
    5200 Standard building "家居建材卖场" "home supply warehouse stores" ["家居卖场", "home supply"]
    5211 Standard building "建材" "building materials" ["建材", "装修材料", "building"]
    5251 Standard building "五金" "hardware stores" ["五金", "hardware"]
    5300 Discounted grocery "会员制仓储超市" "wholesale clubs" ["仓储", "会员店", "wholesale club"]
    5311 Standard store "百货" "department stores" ["百货", "商场", "department"]
    5331 Standard store "杂货便利" "variety stores" ["便利店", "杂货", "variety", "convenience"]
    5399 Standard store "综合零售" "general merchandise" ["零售", "retail"]
    5411 Discounted grocery "超市" "grocery stores, supermarkets" ["超市", "supermarket", "grocery"]
    5422 Standard food "肉类水产" "meat and fish" ["肉", "水产", "meat"]
    5462 Standard food "面包糕点" "bakeries" ["面包", "蛋糕", "bakery"]
    5499 Standard food "食品零售" "food stores" ["食品", "水果", "茶叶", "food"]
    5511 Standard vehicle "汽车销售" "car dealers" ["汽车销售", "4s", "car dealer"]
    5533 Standard vehicle "汽车配件" "car parts" ["汽配", "car parts"]
    5541 Discounted fuel "加油站" "fuel stations" ["加油", "fuel", "petrol"]
    5542 Discounted fuel "自助加油" "self-service fuel" ["自助加油"]
    5621 Standard clothes "女装" "women's clothes" ["女装"]
    5651 Standard clothes "服装" "family clothes" ["服装", "衣服", "clothes", "clothing"]
    5661 Standard clothes "鞋店" "shoe shops" ["鞋", "shoe"]
    5691 Standard clothes "成衣" "clothing stores" ["成衣"]
    5712 Standard household "家具" "furniture" ["家具", "furniture"]
    5722 Standard electric "家用电器" "household appliances" ["家电", "电器", "appliance"]
    5732 Standard electric "电子产品" "electronics" ["数码", "手机", "电子", "electronics", "phone"]
    5812 Standard restaurant "餐馆" "restaurants" ["餐", "饭店", "火锅", "小吃", "饭馆", "restaurant"]
    5813 Standard restaurant "酒吧茶馆" "bars" ["酒吧", "茶馆", "咖啡", "bar", "coffee", "cafe"]
    5814 Standard restaurant "快餐" "fast food" ["快餐", "fast food"]
    5912 Standard medicine "药店" "pharmacies" ["药店", "药房", "pharmacy"]
    5921 Standard food "烟酒" "liquor shops" ["烟酒", "酒类", "liquor"]
    5941 Standard leisure "体育用品" "sporting goods" ["体育用品", "sport"]
    5942 Standard leisure "书店" "book shops" ["书店", "book"]
    5944 Standard jewellery "珠宝首饰" "jewellery" ["珠宝", "首饰", "黄金", "jewel"]
    5977 Standard beauty "化妆品" "cosmetics" ["化妆品", "cosmetic"]
    5999 Standard store "其他专营零售" "other special retail" ["专营"]
    6012 Standard finance "金融机构服务" "financial institutions" ["金融", "finance"]
    6300 Standard finance "保险" "insurance" ["保险", "insurance"]
    6513 Standard property "物业租赁" "property rental" ["物业", "租房", "rent"]
    7011 Standard hotel "住宿" "hotels" ["酒店", "宾馆", "住宿", "旅馆", "民宿", "hotel"]
    7230 Standard beauty "美容美发" "hair and beauty" ["美容", "美发", "理发", "beauty", "hair"]
    7298 Standard beauty "美体保健" "health and beauty" ["spa", "保健", "按摩", "足浴"]
    7299 Standard service "个人服务" "personal services" ["个人服务"]
    7399 Standard service "商业服务" "business services" ["商业服务"]
    7538 Standard vehicle "汽车修理" "car repair" ["修车", "汽修", "洗车", "car repair"]
    7832 Standard leisure "电影院" "cinemas" ["电影", "cinema"]
    7911 Standard leisure "歌舞厅" "dance halls" ["ktv", "歌厅"]
    7997 Standard leisure "健身会所" "sports clubs" ["健身", "gym"]
    8011 Standard medicine "诊所医生" "doctors" ["诊所", "clinic"]
    8062 PublicBenefit medicine "医院" "hospitals" ["医院", "hospital"]
    8211 PublicBenefit school "中小学" "schools" ["小学", "中学", "school"]
    8220 PublicBenefit school "高等院校" "universities" ["大学", "学院", "university"]
    8299 Standard school "培训机构" "other education" ["培训", "教育", "training"]
    8398 PublicBenefit charity "慈善机构" "charities" ["慈善", "公益", "charity"]
    9311 Standard government "纳税" "tax payments" ["税", "tax"]
    9399 Standard government "政府服务" "government services" ["政务", "government"]
}

impl Class {
    /// Its name, in Chinese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Class::Standard => ("标准类", "standard"),
            Class::Discounted => ("优惠类", "discounted"),
            Class::PublicBenefit => ("公益减免类", "public benefit"),
        }
    }
}

/// The trade of four digits.
pub fn of_mcc(digits: &str) -> Option<&'static Trade> {
    let mcc: u16 = Some(digits).filter(|digits| digits.len() == 4)?.parse().ok()?;
    TRADES.iter().find(|row| row.mcc == mcc)
}

/// The trade a person names: four digits, or words. The longest word that fits decides.
pub fn meant(said: &str) -> Option<&'static Trade> {
    let said = said.trim().to_lowercase();
    if let Some(trade) = of_mcc(&said) {
        return Some(trade);
    }
    let longest = |row: &Trade| {
        let names = [row.zh, row.en].into_iter().chain(row.said.iter().copied());
        names.filter(|word| says(&said, word)).map(str::len).max().unwrap_or(0)
    };
    // The first of equals, so that the order of the rows is the order of what is commonest.
    let best = TRADES.iter().map(longest).max().filter(|length| *length > 0)?;
    TRADES.iter().find(|row| longest(row) == best)
}

/// Whether a text has this word; a Latin word stands by itself or in the plural, a Chinese one anywhere.
fn says(said: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return said.contains(word);
    }
    said.match_indices(word).any(|(at, _)| {
        let before = said[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric());
        let behind = said[at + word.len()..].trim_start_matches("es").trim_start_matches('s');
        before && behind.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric())
    })
}
