// Simplified Chinese of the kinds in engine/nodes/model.
import type { KindWords } from './words.ts';

export const model: Record<string, KindWords> = {
  adapters: {
    doc:
      '读取 Python 的 peft 保存的 LoRA 适配器文件夹（`adapter_config.json` 和 `adapter_model.safetensors`），用于训练它们时的那个模型。' +
      '与 `lora` 之后一样，可用 `train` 继续学习。',
    inputs: { model: '适配器所属的模型。' },
    params: { path: '存放这些文件的文件夹。' },
  },
  lora: {
    doc:
      '为已训练模型的线性层加上低秩适配器：每层给出 `W x + alpha / rank * B A x`，`train` 只更新 A [rank, 列数] 和 B [行数, rank]，' +
      '只占全部参数的一小部分。B 从零开始，所以起初模型的回答不变。训练结果只保存适配器；`merge` 把它们并入权重，' +
      '`export(format: "peft")` 写成 Python 的 peft 可读的文件。来源：Hu 等，arXiv 2106.09685。',
    inputs: { model: '已训练、尚无适配器的模型。' },
    params: {
      rank: '适配器的宽度（秩）。',
      alpha: '适配器的权重：其输出乘以 alpha / rank。',
      dropout: '训练时适配器输入被丢弃的比例。存放在同一个权重里的层（q、k、v）共用一次抽取。',
      targets:
        '作用于哪些线性层：名称的结尾，或 "all-linear" 表示除输出头和专家外的所有层。使用 mla 时：q_proj（或 q_a_proj 和 q_b_proj）、' +
        'kv_a_proj_with_mqa、kv_b_proj、o_proj；前馈网络：gate_proj、up_proj、down_proj。',
      seed: '随机种子：决定 A 的初始值。',
    },
  },
  merge: {
    doc:
      '把模型的适配器并入它的权重：`W + alpha / rank * B A`。回答不变，得到没有适配器、与原模型同样大小的模型。' +
      '来源：Hu 等，arXiv 2106.09685，第 4.1 节。',
    inputs: { model: '带适配器的模型（见 lora）。' },
    params: {},
  },
  embedding: {
    doc: '词元嵌入：为分词器词表中的每个词条学习一个 `dim` 维向量。其后接模型的各个块。',
    inputs: { tokenizer: '词表。' },
    params: {
      dim: '模型残差流的宽度。',
      vocab: '嵌入表的行数，不小于分词器的词表大小。默认：分词器的词表大小。',
      init: '正态分布的标准差，模型的所有权重都按该分布初始化。',
    },
  },
  lm_head: {
    doc:
      '语言模型输出头：先做 RMSNorm，再为词表中的每个词元给出一个分数（logit）。' +
      '启用 `tied` 时复用嵌入表，不再单设权重。',
    inputs: { hidden: '最后一个块。' },
    params: {
      tied: '与嵌入层共享权重表。',
      eps: 'RMSNorm 的 epsilon。',
    },
  },
  mha: {
    doc:
      '使用旋转位置编码（RoPE）的多头注意力。`kv_heads` 小于 `heads` 时，多个查询头共用一个键值头（分组查询注意力，GQA）。' +
      '来源：Vaswani 等，arXiv 1706.03762；Ainslie 等，arXiv 2305.13245。',
    inputs: {},
    params: {
      heads: '查询头数。',
      kv_heads: '键值头数，须整除 heads。默认：与 heads 相同。',
      head_dim: '每个头的宽度，须为偶数。默认：模型宽度 / heads。',
      rope_theta: '旋转频率的基数。',
    },
  },
  mla: {
    doc:
      '多头潜在注意力（MLA），与 DeepSeek-V2 和 V3 相同。所有头的键和值都由每个词元的一个 `kv_rank` 维潜向量得出，' +
      '位置信息来自所有头共享的一个 `rope_dim` 维旋转键；生成时只需缓存这两者。来源：arXiv 2405.04434，第 2.1 节。',
    inputs: {},
    params: {
      heads: '注意力头数。',
      kv_rank: '潜向量的宽度，键和值由它还原。',
      rope_dim: '每个查询和共享键中旋转部分的宽度，须为偶数。',
      head_dim: '每个头的宽度，不含旋转部分。默认：模型宽度 / heads。',
      value_dim: '每个值头的宽度。默认：head_dim。',
      q_rank: '查询也经过潜向量时，该潜向量的宽度。默认：不使用，查询直接投影得到。',
      rope_theta: '旋转频率的基数。',
      rope_interleaved: '像 DeepSeek 那样旋转相邻通道，而不是前后两半。',
      yarn_factor: 'YaRN 的上下文扩展倍数；1 表示不扩展。',
      yarn_context: '扩展前的上下文长度。',
      yarn_beta_fast: 'YaRN 旋转圈数的上界。',
      yarn_beta_slow: 'YaRN 旋转圈数的下界。',
      yarn_mscale: 'YaRN 对旋转部分数值的缩放系数。',
      yarn_mscale_all_dim: 'YaRN 对注意力分数的缩放系数。',
    },
  },
  moe: {
    doc:
      '混合专家（MoE），与 DeepSeek-V3 相同：路由器用 sigmoid 为所有专家打分，把每个词元送往得分最高的 `active` 个专家；' +
      '不丢弃任何词元。每个专家有一个偏置，每步之后向分配不足的专家倾斜；偏置只参与选择，不参与加权，' +
      '因此无需辅助损失即可保持负载均衡。来源：arXiv 2412.19437，第 2.1.2 节。',
    inputs: {},
    params: {
      experts: '路由专家数。',
      active: '每个词元送往的专家数。',
      shared: '每个词元都经过的共享专家数（合并为一个宽度为相应倍数的网络）。',
      dim: '单个专家的内部宽度。',
      groups: '专家的分组数；先选出最好的组。',
      active_groups: '每个词元可选的组数。默认：全部。',
      scale: '路由专家输出的缩放系数。',
      normalize: '缩放之前，把所选专家的权重归一化，使其和为一。',
      bias_speed: '每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
    },
  },
  pretrained: {
    doc:
      '从 Hugging Face 布局的文件夹读入模型：`config.json`、一个或多个 `.safetensors` 文件，以及在需要读写文本时的 ' +
      '`tokenizer.json`。支持的模型族：deepseek_v3、llama。权重可为 float32、float16 或 bfloat16，计算时一律用 float32。' +
      '文件夹里若有聊天模板（`chat_template.jinja` 或 `tokenizer_config.json`），它随模型同行：`generate` 按它提问，`export` 再把它写出。',
    inputs: {},
    params: {
      path: '存放这些文件的文件夹。',
      bias_speed: '继续训练时，每个专家的偏置每步向均衡方向移动多少；0 表示保持不变。',
    },
  },
  swiglu: {
    doc: '门控前馈网络：`down(silu(gate x) * up x)`。来源：Shazeer，arXiv 2002.05202。',
    inputs: {},
    params: { dim: '内部宽度。' },
  },
  transformer_block: {
    doc:
      'Transformer 层，每个子层之前先做 RMSNorm：`x + attention(norm(x))`，然后 `x + ffn(norm(x))`。' +
      '设置 `repeat` 时，同样的层连续堆叠多次，各层权重相互独立。',
    inputs: {
      hidden: '该层的输入：嵌入或另一个块。',
      attention: '词元之间如何相互关注：mla 或 mha。',
      ffn: '对每个词元做什么变换：swiglu 或 moe。',
    },
    params: {
      repeat: '连续堆叠的层数。',
      eps: 'RMSNorm 的 epsilon。',
    },
  },
};
