// Simplified Chinese of the data kinds of group `augment`.
import type { KindWords } from '../words.ts';

const marks =
  '用两列区分各行：`augmented` 在原行中为 null，在副本中为节点类型及其编号；`original` 是它所依据的行的位置，' +
  '这样 `split` 可以把同源的行放在一起（`group: "original"`）。更好的做法是先划分，只增强 `train`。' +
  '相同的表和种子总是得到相同的副本。';

const copies = {
  copies: '每行生成多少个改动过的副本。',
  originals: '是否在副本之外保留原行。',
  seed: '随机种子：种子不同，抽取就不同。',
};

export const augment: Record<string, KindWords> = {
  augment_image: {
    doc:
      '添加图片经过旋转、缩放、裁剪、翻转、调色或加噪的副本，变化量由每个副本各自随机抽取。\n\n' +
      '每个参数表示变化的最大幅度：`rotate: 15` 抽取 -15 到 15 度之间的角度，`scale: 10%` 抽取 90% 到 110% 之间的倍数；' +
      '0 表示不做。每个副本按参数的顺序进行所有给出的变化。图片的大小和格式不变（JPEG、PNG、WebP 以外的格式变为 PNG）。' +
      '灰度图片仍为灰度，因此 `saturation` 和 `hue` 对它不起作用；透明图片的边缘为透明，而不是 `background`。' +
      '由 sharp（libvips）处理。\n\n' +
      marks,
    inputs: { table: '含有图片、要生成副本的行。' },
    params: {
      column: '图片所在的列：JPEG、PNG 或 WebP 文件的字节。',
      rotate: '旋转的角度，顺时针或逆时针。',
      scale: '放大或缩小的幅度，占大小的比例；中心位置不变。',
      crop: '裁去的宽度和高度所占的比例；余下部分再缩放回原来的大小。',
      flip: '可以出现哪些镜像，每种占一半的副本。',
      brightness: '变亮或变暗的幅度。',
      contrast: '对比度增减的幅度。',
      saturation: '颜色变浓或变淡的幅度。',
      hue: '颜色在色环上转动的幅度。',
      noise: '高斯噪声的标准差，占从黑到白范围的比例。',
      background: '边缘以外露出部分的颜色：十六进制的红、绿、蓝。',
      ...copies,
    },
  },
  random_edit: {
    doc:
      '添加随机删除、交换和插入单词的副本（EDA，Wei & Zou 2019）。\n\n' +
      '每个副本依次进行这三种编辑，各占单词数的一个比例；0 表示不做。EDA 的每个副本只做一种编辑，比例为 10%，文本少时为 5%：' +
      '`random_edit(table, insert: 10%, delete: 0, swap: 0)` 就是其中一种。插入的是文中其他单词的同义词' +
      '（WordNet 3.1，英语），放在随机的单词之后；没有同义词的文本不插入。单词之间的内容不变。' +
      '与原文相同的副本不保留。\n\n' +
      marks,
    inputs: { table: '要生成副本的行。' },
    params: {
      column: '文本所在的列。',
      insert: '插入的单词数，占文本单词数的比例；至少一个。',
      delete: '每个单词被删除的概率；至少留下一个单词。',
      swap: '交换两个单词的次数，占文本单词数的比例；至少一次。',
      ...copies,
    },
  },
  synonyms: {
    doc:
      '添加把部分英语单词换成同义词的副本（EDA 的第一种操作，Wei & Zou 2019；词汇来自 WordNet 3.1，Fellbaum 1998）。\n\n' +
      '单词按其最常见的词性替换，并保持词形：`ships` 换成复数，`stopped` 换成过去式。大小写不变，' +
      '必要时 `a` 变为 `an`。虚词、专名、不规则词形以及 WordNet 没有的词保持原样，因此替换的词可能少于 `share`；' +
      '一个词也没有替换的副本不保留。\n\n' +
      marks,
    inputs: { table: '要生成副本的行。' },
    params: {
      column: '文本所在的列。',
      share: '要替换的单词所占的比例，每段文本至少一个。',
      senses: '取单词的多少个词义的同义词，最常见的在前：1 最接近原意。',
      ...copies,
    },
  },
};
