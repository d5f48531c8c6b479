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
  augment_series: {
    doc:
      '添加数值序列的副本：加高斯噪声、缩放或扭曲时间。\n\n' +
      '序列或者沿数值列的各行排列，`by` 的每个值为一个序列；或者位于列表列的每个单元格中，如 `windows` 所生成。' +
      '每个副本进行所有给出的变化，先时间，再缩放，后噪声。`noise: 5%` 是该列标准差的一个比例' +
      '（在 `by` 的每个序列内；没有 `by` 时为所有行），`sigma: 0.2` 则对所有序列相同，以该列自己的单位计。' +
      '副本的倍数以 1 为均值，以 `scale` 为标准差抽取。`warp` 是时间速度的对数的标准差，速度逐渐变化；' +
      '两端不变，两个时刻之间的值线性插值。同一序列的各列使用同一个倍数和同一个时间进程。缺失值仍然缺失。这些变化取自 Um et al. 2017。\n\n' +
      '沿行排列时，副本位于原行之后，每个序列保持原来的顺序；`augmented` 用来区分它的各个副本（`by: ["symbol", "augmented"]`）。\n\n' +
      marks,
    inputs: { table: '含有序列、要生成副本的行。' },
    params: {
      columns: '含有数值或数值列表的列。',
      by: '用来区分序列的列。默认：只有一个序列。',
      order: '决定序列中各值顺序的列，用于 `warp`。默认：行的顺序。',
      noise: '噪声的标准差，占该列标准差的比例。',
      sigma: '噪声的标准差，以该列的单位计。代替 `noise`。',
      scale: '副本所乘倍数的标准差。',
      warp: '时间速度的对数的标准差：0.2 使时间大约快或慢五分之一。',
      ...copies,
    },
  },
  back_translate: {
    doc:
      '添加把文本译成另一种语言再译回来的副本，内容相同而措辞不同。\n\n' +
      '每个方向由一个程序或一个模型完成。程序是一组单词，`to_command: ["python3", "translate.py", "en-pt"]`，' +
      '在图所在的文件夹中启动一次，不经过 shell。它每行读取一个 JSON 对象 `{"text": "..."}`，按顺序逐个以同样的形式回答，' +
      '每次回答后刷新输出，输入结束时退出。程序只在 `dsk run --allow-commands` 时运行，在编辑器中从不运行。' +
      '命令中提到的、图所在文件夹中的文件计入结果的键。\n\n' +
      '模型（`to`、`back`）由图自己训练，训练文本形如 `en: The whale. pt: A baleia.`：它从提示往下写，' +
      '如 `to_prompt: "en: {text} pt:"`，直到文本结束，总是取最可能的词元。Dsk 的模型读写同一个序列（decoder-only），' +
      '所以用这种方式翻译。\n\n' +
      '译回后与原文相同或为空的副本不保留（方法见 Sennrich et al. 2016，Edunov et al. 2018）。用两列区分各行：`augmented` 在原行中为 null；' +
      '`original` 是副本所依据的行的位置。请先划分，只增强 `train`。',
    inputs: {
      table: '要生成副本的行。',
      to: '译成另一种语言的模型。代替 `to_command`。',
      back: '译回来的模型。代替 `back_command`。',
    },
    params: {
      column: '文本所在的列。',
      to_command: '译成另一种语言的程序及其参数。',
      back_command: '译回来的程序及其参数。',
      to_prompt: '模型 `to` 从什么往下写；`{text}` 代表文本。',
      back_prompt: '模型 `back` 从什么往下写；`{text}` 代表文本。',
      max_tokens: '模型为一段文本最多写多少个词元。',
      timeout: '等待回答时程序可以沉默多久，超过即视为卡住。',
      originals: copies.originals,
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
  windows: {
    doc:
      '把数值序列切成窗口：每行一个窗口，含连续的 `size` 个值；给出 `horizon` 时，其后的值作为目标。\n\n' +
      '序列或者沿数值列的各行排列，`by` 的每个值为一个序列，按 `order` 排序；或者是单元格中的一个列表，各自单独切分。' +
      '第一个窗口从第一个值开始，下一个窗口在 `stride` 个值之后；末尾不足一个窗口的部分舍去。' +
      '结果含有 `by` 的列、`order` 的列（取窗口最后一个值，包括目标），以及每一列的同名列表和名为 `NAME_target` 的列表；' +
      '用 `as: "columns"` 时各值分别位于 `NAME_1`、`NAME_2` 和 `NAME_target_1` 等列中。单元格中有列表的行保留其他列。\n\n' +
      '步长小于窗口时，窗口之间有共同的值：请在切分之前用 `split(time: ...)` 划分，否则同样的值既被学习又被用来评估。',
    inputs: { table: '含有序列的行。' },
    params: {
      columns: '含有数值或数值列表的列。',
      size: '一个窗口中的值的个数。',
      stride: '从一个窗口的开头到下一个窗口的开头。',
      horizon: '窗口之后作为目标的值的个数；0 表示没有。',
      by: '用来区分序列的列。默认：只有一个序列。',
      order: '决定序列中各值顺序的列。默认：行的顺序。',
      as: '窗口的值放在一个列表中，还是各占一列。',
    },
  },
};
