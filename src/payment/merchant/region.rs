//! Where the characters 4 to 7 of a merchant number lie.
//!
//! Two systems are in use, and a number does not say which: the four-digit area codes of the interbank network (2900 is
//! Shanghai, 5810 Guangzhou) and the administrative division codes of GB/T 2260 (3101 is Shanghai, 4401 Guangzhou).
//! Payment companies may also put digits of their own. So a region is read both ways, and only what fits neither way
//! counts.

/// A province, with how both systems number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Province {
    /// Its short name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// First and last of its interbank area codes' first two digits.
    pub interbank: (u8, u8),
    /// The first two digits of its administrative code.
    pub administrative: u8,
    /// Cities by which people name it.
    pub cities: &'static [&'static str],
}

macro_rules! provinces {
    ($( $zh:literal $en:literal $from:literal $to:literal $code:literal $cities:tt )*) => {
        /// The provinces of mainland China. Chongqing shares the interbank range of Sichuan, to which it once belonged.
        pub const PROVINCES: &[Province] = &[ $( Province {
            zh: $zh, en: $en, interbank: ($from, $to), administrative: $code, cities: &$cities,
        } ),* ];
    };
}

provinces! {
    "北京" "Beijing" 10 10 11 []
    "天津" "Tianjin" 11 11 12 []
    "河北" "Hebei" 12 15 13 ["石家庄", "唐山", "保定", "廊坊"]
    "山西" "Shanxi" 16 18 14 ["太原", "大同"]
    "内蒙古" "Inner Mongolia" 19 21 15 ["呼和浩特", "包头"]
    "辽宁" "Liaoning" 22 23 21 ["沈阳", "大连", "鞍山"]
    "吉林" "Jilin" 24 25 22 ["长春"]
    "黑龙江" "Heilongjiang" 26 28 23 ["哈尔滨", "大庆"]
    "上海" "Shanghai" 29 29 31 []
    "江苏" "Jiangsu" 30 32 32 ["南京", "苏州", "无锡", "常州", "南通"]
    "浙江" "Zhejiang" 33 35 33 ["杭州", "宁波", "温州", "义乌", "绍兴"]
    "安徽" "Anhui" 36 38 34 ["合肥", "芜湖"]
    "福建" "Fujian" 39 41 35 ["福州", "厦门", "泉州"]
    "江西" "Jiangxi" 42 44 36 ["南昌", "赣州"]
    "山东" "Shandong" 45 48 37 ["济南", "青岛", "烟台", "临沂"]
    "河南" "Henan" 49 51 41 ["郑州", "洛阳"]
    "湖北" "Hubei" 52 54 42 ["武汉", "宜昌"]
    "湖南" "Hunan" 55 57 43 ["长沙", "株洲"]
    "广东" "Guangdong" 58 60 44 ["广州", "深圳", "东莞", "佛山", "珠海"]
    "广西" "Guangxi" 61 63 45 ["南宁", "桂林", "柳州"]
    "海南" "Hainan" 64 64 46 ["海口", "三亚"]
    "重庆" "Chongqing" 65 69 50 []
    "四川" "Sichuan" 65 69 51 ["成都", "绵阳"]
    "贵州" "Guizhou" 70 72 52 ["贵阳", "遵义"]
    "云南" "Yunnan" 73 76 53 ["昆明", "大理"]
    "西藏" "Tibet" 77 78 54 ["拉萨"]
    "陕西" "Shaanxi" 79 81 61 ["西安", "咸阳"]
    "甘肃" "Gansu" 82 84 62 ["兰州"]
    "青海" "Qinghai" 85 86 63 ["西宁"]
    "宁夏" "Ningxia" 87 87 64 ["银川"]
    "新疆" "Xinjiang" 88 90 65 ["乌鲁木齐"]
}

/// What a region may mean: read as an interbank area code, and as an administrative code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// As an interbank area code; two provinces share one range.
    pub interbank: Vec<&'static Province>,
    /// As an administrative code.
    pub administrative: Option<&'static Province>,
}

impl Reading {
    /// Whether either reading lies in this province.
    pub fn fits(&self, province: &Province) -> bool {
        self.interbank.iter().chain(&self.administrative).any(|read| read.zh == province.zh)
    }

    /// Neither system has such a code.
    pub fn is_empty(&self) -> bool {
        self.interbank.is_empty() && self.administrative.is_none()
    }
}

/// Reads four characters both ways.
pub fn read(region: &str) -> Reading {
    let Some(first) = region.get(..2).and_then(|two| two.parse::<u8>().ok()) else { return Reading::default() };
    Reading {
        interbank: PROVINCES.iter().filter(|row| (row.interbank.0..=row.interbank.1).contains(&first)).collect(),
        administrative: PROVINCES.iter().find(|row| row.administrative == first),
    }
}

/// The province a person names by itself or by one of its cities.
pub fn meant(said: &str) -> Option<&'static Province> {
    let said = said.trim();
    let small = said.to_lowercase();
    PROVINCES.iter().find(|row| {
        said.contains(row.zh) || small == row.en.to_lowercase() || row.cities.iter().any(|city| said.contains(city))
    })
}
