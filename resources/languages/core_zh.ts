<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
    <context>
        <name>text</name>
        <message>
            <source>Reading images</source>
            <translation>读取图片</translation>
        </message>
        <message>
            <source>reading images</source>
            <translation>读取图片</translation>
        </message>
        <message>
            <source>reading validation images</source>
            <translation>读取验证图片</translation>
        </message>
        <message>
            <source>Drawing images</source>
            <translation>绘制图片</translation>
        </message>
        <message>
            <source>Importing images</source>
            <translation>导入图片</translation>
        </message>
        <message>
            <source>fetching weights</source>
            <translation>下载权重</translation>
        </message>
        <message>
            <source>validating</source>
            <translation>验证中</translation>
        </message>
        <message>
            <source>Reading {}</source>
            <translation>读取 {}</translation>
        </message>
        <message>
            <source>Writing {}</source>
            <translation>写入 {}</translation>
        </message>
        <message>
            <source>import {}</source>
            <translation>导入 {}</translation>
        </message>
        <message>
            <source>add {}</source>
            <translation>添加 {:part}</translation>
        </message>
        <message>
            <source>Left out {} of the files, which cannot be read as images: {}.</source>
            <translation>有 {} 个文件无法作为图片读取，已略过：{:part}。</translation>
        </message>
        <message>
            <source>Left out {}: the project has the same picture already.</source>
            <translation>已略过 {:part}：项目里已有相同的图片。</translation>
        </message>
        <message>
            <source>{}: what the change builds on is gone ({})</source>
            <translation>{}：这次更改所依据的内容已不存在（{}）</translation>
        </message>
        <message>
            <source>'{}' expects {} to be {}, but stored is {}</source>
            <translation>“{}”要求 {} 为 {}，但存储的是 {}</translation>
        </message>
        <message>
            <source>labels {} are not 0 to {}: a class goes to the end of the list</source>
            <translation>标签 {} 不是 0 到 {}：新类别应排在列表末尾</translation>
        </message>
        <message>
            <source>Not kept of {}, because it describes the file: {}.</source>
            <translation>{} 中未保留的内容（它们描述的是文件本身）：{}。</translation>
        </message>
        <message>
            <source>No validation images were named: {} of {} are held out for it.</source>
            <translation>没有指定验证图片：从 {1} 张中留出 {0} 张用于验证。</translation>
        </message>
        <message>
            <source>No validation image has a box, so AP stays 0: the newest weights count as the best.</source>
            <translation>验证图片上没有框，AP 将一直为 0：将最新的权重当作最好的权重。</translation>
        </message>
        <message>
            <source>The backbone starts from torchvision's {}.</source>
            <translation>主干网络从 torchvision 的 {} 开始。</translation>
        </message>
        <message>
            <source>The bundled weights are for the preset {}: this network starts from random ones.</source>
            <translation>自带的权重适用于 {} 模型：此网络从随机权重开始。</translation>
        </message>
        <message>
            <source>Started from {}: {} taken over, {}.</source>
            <translation>从 {} 开始：沿用 {}，{:part}。</translation>
        </message>
        <message>
            <source>Best AP {} on {} validation images after {} steps.</source>
            <translation>{2} 步后，{1} 张验证图片上的最佳 AP 为 {0}。</translation>
        </message>
        <message>
            <source>Kept the fine-tuned weights: AP {} before, {} after, on {} validation images.</source>
            <translation>保留微调后的权重：{2} 张验证图片上，微调前 AP 为 {0}，微调后为 {1}。</translation>
        </message>
        <message>
            <source>Kept the weights it started from: no fine-tuned ones reached their AP {} on {} validation images.</source>
            <translation>保留微调前的权重：微调后的权重在 {1} 张验证图片上都没有达到其 AP {0}。</translation>
        </message>
        <message>
            <source>Stopped.</source>
            <translation>已停止。</translation>
        </message>
        <message>
            <source>Stopped: the best weights so far are kept, and the run can be resumed.</source>
            <translation>已停止：保留了目前最好的权重，可以继续运行。</translation>
        </message>
        <message>
            <source>Going on at step {}.</source>
            <translation>从第 {} 步继续。</translation>
        </message>
        <message>
            <source>No checkpoint had been written yet: the run starts from its beginning.</source>
            <translation>还没有写过检查点：从头开始运行。</translation>
        </message>
        <message>
            <source>Something went wrong inside foodet: {}: {}</source>
            <translation>foodet 内部出错：{}: {}</translation>
        </message>
        <message>
            <source>Making a file for ONNX Runtime, once for these weights.</source>
            <translation>正在为 ONNX Runtime 生成文件，这些权重只需一次。</translation>
        </message>
        <message>
            <source>torch ({})</source>
            <translation>torch（{:problem}）</translation>
        </message>
        <message>
            <source>torch ({} ms an image, ONNX Runtime {} ms)</source>
            <translation>torch（每张 {} 毫秒，ONNX Runtime 为 {} 毫秒）</translation>
        </message>
        <message>
            <source>ONNX Runtime ({} ms an image, torch {} ms)</source>
            <translation>ONNX Runtime（每张 {} 毫秒，torch 为 {} 毫秒）</translation>
        </message>
    </context>
    <context>
        <name>place</name>
        <message>
            <source>setting {}</source>
            <translation>设置 {}</translation>
        </message>
        <message>
            <source>training length</source>
            <translation>训练时长</translation>
        </message>
        <message>
            <source>class list</source>
            <translation>类别列表</translation>
        </message>
        <message>
            <source>class name</source>
            <translation>类别名称</translation>
        </message>
        <message>
            <source>class {}</source>
            <translation>类别 {}</translation>
        </message>
        <message>
            <source>annotation {}</source>
            <translation>标注 {}</translation>
        </message>
        <message>
            <source>weights {}</source>
            <translation>权重 {}</translation>
        </message>
        <message>
            <source>splits</source>
            <translation>数据集划分</translation>
        </message>
        <message>
            <source>split</source>
            <translation>数据集</translation>
        </message>
        <message>
            <source>format</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>job</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>seed</source>
            <translation>随机种子</translation>
        </message>
        <message>
            <source>ONNX export</source>
            <translation>ONNX 导出</translation>
        </message>
        <message>
            <source>{}, line {}</source>
            <translation>{}，第 {} 行</translation>
        </message>
        <message>
            <source>{}, object {}</source>
            <translation>{}，第 {} 个对象</translation>
        </message>
        <message>
            <source>{}, task {}</source>
            <translation>{}，第 {} 个任务</translation>
        </message>
        <message>
            <source>{}, class {}</source>
            <translation>{}，类别 {}</translation>
        </message>
        <message>
            <source>{}, image {}</source>
            <translation>{}，图片 {}</translation>
        </message>
        <message>
            <source>{}, annotation {}</source>
            <translation>{}，标注 {}</translation>
        </message>
        <message>
            <source>{}, category {}</source>
            <translation>{}，类别 {}</translation>
        </message>
    </context>
    <context>
        <name>problem</name>
        <message>
            <source>'{}' is not a choice</source>
            <translation>“{}”不在可选范围内</translation>
        </message>
        <message>
            <source>'{}' is not a kind of run</source>
            <translation>没有“{}”这种任务</translation>
        </message>
        <message>
            <source>'{}' is not a {}</source>
            <translation>“{}”不是 {} 类型的值</translation>
        </message>
        <message>
            <source>'{}' is not known</source>
            <translation>“{}”未知</translation>
        </message>
        <message>
            <source>both minutes and steps are given</source>
            <translation>同时给了分钟数和步数</translation>
        </message>
        <message>
            <source>is missing</source>
            <translation>缺少该项</translation>
        </message>
        <message>
            <source>is not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>{} is not a multiple of {}</source>
            <translation>{} 不是 {} 的倍数</translation>
        </message>
        <message>
            <source>{} is out of range</source>
            <translation>{} 超出范围</translation>
        </message>
        <message>
            <source>'{}' cannot be used ({})</source>
            <translation>无法使用“{}”（{}）</translation>
        </message>
        <message>
            <source>{} images cannot be shared equally by {} processes</source>
            <translation>{} 张图片无法平均分给 {} 个进程</translation>
        </message>
        <message>
            <source>the loss is {} at step {}</source>
            <translation>第 {1} 步的损失为 {0}</translation>
        </message>
        <message>
            <source>joint needs boxes that can be sampled</source>
            <translation>joint 需要可采样的框</translation>
        </message>
        <message>
            <source>torchvision has no network '{}' that can be a backbone</source>
            <translation>torchvision 没有可作主干网络的“{}”</translation>
        </message>
        <message>
            <source>are for a backbone of torchvision, not for '{}'</source>
            <translation>只适用于 torchvision 的主干网络，不适用于“{}”</translation>
        </message>
        <message>
            <source>the weights {} cannot be had ({})</source>
            <translation>无法取得权重 {}（{}）</translation>
        </message>
        <message>
            <source>does not exist</source>
            <translation>不存在</translation>
        </message>
        <message>
            <source>exists already</source>
            <translation>已存在</translation>
        </message>
        <message>
            <source>is not a folder</source>
            <translation>不是文件夹</translation>
        </message>
        <message>
            <source>is not empty</source>
            <translation>不是空的</translation>
        </message>
        <message>
            <source>is empty</source>
            <translation>为空</translation>
        </message>
        <message>
            <source>cannot be read ({})</source>
            <translation>无法读取（{}）</translation>
        </message>
        <message>
            <source>cannot be written ({})</source>
            <translation>无法写入（{}）</translation>
        </message>
        <message>
            <source>cannot be made ({})</source>
            <translation>无法创建（{}）</translation>
        </message>
        <message>
            <source>cannot be copied ({})</source>
            <translation>无法复制（{}）</translation>
        </message>
        <message>
            <source>is out of reach</source>
            <translation>无法访问</translation>
        </message>
        <message>
            <source>cannot be read as an image ({})</source>
            <translation>无法作为图片读取（{}）</translation>
        </message>
        <message>
            <source>cannot hold the decoded images ({})</source>
            <translation>容不下解码后的图片（{}）</translation>
        </message>
        <message>
            <source>{} is below 0</source>
            <translation>{} 小于 0</translation>
        </message>
        <message>
            <source>holds no image that can be read</source>
            <translation>里面没有可读取的图片</translation>
        </message>
        <message>
            <source>does not end in .foodet</source>
            <translation>不以 .foodet 结尾</translation>
        </message>
        <message>
            <source>is not a foodet project</source>
            <translation>不是 foodet 项目</translation>
        </message>
        <message>
            <source>is not a foodet project: its project.db is not a database</source>
            <translation>不是 foodet 项目：其中的 project.db 不是数据库</translation>
        </message>
        <message>
            <source>is not a foodet project: its project.db is of another program</source>
            <translation>不是 foodet 项目：其中的 project.db 属于其他程序</translation>
        </message>
        <message>
            <source>was written by a newer foodet (project version {}, this one knows {})</source>
            <translation>由更新版本的 foodet 写入（项目版本 {}，当前只支持到 {}）</translation>
        </message>
        <message>
            <source>is being written by another window or run</source>
            <translation>正被另一个窗口或任务写入</translation>
        </message>
        <message>
            <source>cannot be written because the disk is full</source>
            <translation>磁盘已满，无法写入</translation>
        </message>
        <message>
            <source>has a damaged project.db</source>
            <translation>其中的 project.db 已损坏</translation>
        </message>
        <message>
            <source>cannot be read or written</source>
            <translation>无法读取或写入</translation>
        </message>
        <message>
            <source>names {} stand more than once</source>
            <translation>名称 {} 出现了不止一次</translation>
        </message>
        <message>
            <source>is not text in UTF-8 ({})</source>
            <translation>不是 UTF-8 文本（{}）</translation>
        </message>
        <message>
            <source>is not valid JSON ({})</source>
            <translation>不是有效的 JSON（{}）</translation>
        </message>
        <message>
            <source>is not valid YAML ({})</source>
            <translation>不是有效的 YAML（{}）</translation>
        </message>
        <message>
            <source>is not valid XML for annotations ({})</source>
            <translation>不是有效的 XML 标注（{}）</translation>
        </message>
        <message>
            <source>is not an object</source>
            <translation>不是对象</translation>
        </message>
        <message>
            <source>is a JSON {} instead of an object</source>
            <translation>是 JSON {}，而不是对象</translation>
        </message>
        <message>
            <source>is a JSON {} instead of a list of tasks</source>
            <translation>是 JSON {}，而不是任务列表</translation>
        </message>
        <message>
            <source>holds {}, which is not a number of JSON</source>
            <translation>含有 {}，它不是 JSON 数字</translation>
        </message>
        <message>
            <source>has no '{}'</source>
            <translation>没有“{}”</translation>
        </message>
        <message>
            <source>has '{}' more than once</source>
            <translation>“{}”出现了不止一次</translation>
        </message>
        <message>
            <source>has '{}' that is not a list</source>
            <translation>“{}”不是列表</translation>
        </message>
        <message>
            <source>has '{}' that is not a text</source>
            <translation>“{}”不是文本</translation>
        </message>
        <message>
            <source>has '{}' that is not a number</source>
            <translation>“{}”不是数字</translation>
        </message>
        <message>
            <source>has '{}' that is not a whole number</source>
            <translation>“{}”不是整数</translation>
        </message>
        <message>
            <source>has '{}' that is not a path</source>
            <translation>“{}”不是路径</translation>
        </message>
        <message>
            <source>has '{}' for {}, which is not a number</source>
            <translation>{1} 的值“{0}”不是数字</translation>
        </message>
        <message>
            <source>names {}, which is not in {}</source>
            <translation>写有 {}，但它不在 {} 中</translation>
        </message>
        <message>
            <source>names {}, which is not there</source>
            <translation>写有 {}，但它不存在</translation>
        </message>
        <message>
            <source>has an empty class name</source>
            <translation>类别名称为空</translation>
        </message>
        <message>
            <source>has a class name that is not a text</source>
            <translation>类别名称不是文本</translation>
        </message>
        <message>
            <source>has a line break in its name</source>
            <translation>名称中有换行</translation>
        </message>
        <message>
            <source>has a width of {} and a height of {}</source>
            <translation>宽为 {}，高为 {}</translation>
        </message>
        <message>
            <source>has a box that is not of finite numbers</source>
            <translation>框的坐标不是有限数</translation>
        </message>
        <message>
            <source>has a box of width {} and height {}</source>
            <translation>框的宽为 {}、高为 {}</translation>
        </message>
        <message>
            <source>has a box from ({}, {}) to ({}, {}), outside its image of {} x {} pixels</source>
            <translation>框从（{}, {}）到（{}, {}），超出了 {} x {} 像素的图片</translation>
        </message>
        <message>
            <source>is {} x {} pixels, but the annotation file says {} x {}</source>
            <translation>为 {} x {} 像素，但标注文件写的是 {} x {}</translation>
        </message>
        <message>
            <source>holds no JSON file</source>
            <translation>里面没有 JSON 文件</translation>
        </message>
        <message>
            <source>holds no XML file</source>
            <translation>里面没有 XML 文件</translation>
        </message>
        <message>
            <source>has the id {} of an entry before it</source>
            <translation>id {} 与前面的条目重复</translation>
        </message>
        <message>
            <source>has an empty name</source>
            <translation>名称为空</translation>
        </message>
        <message>
            <source>refers to image {}, which the file does not have</source>
            <translation>引用了文件中没有的图片 {}</translation>
        </message>
        <message>
            <source>refers to annotation {}, which the file does not have</source>
            <translation>引用了文件中没有的标注 {}</translation>
        </message>
        <message>
            <source>refers to category {}, which the file does not have</source>
            <translation>引用了文件中没有的类别 {}</translation>
        </message>
        <message>
            <source>has a 'bbox' that is not four finite numbers</source>
            <translation>“bbox”不是四个有限的数</translation>
        </message>
        <message>
            <source>has no header of a table of boxes</source>
            <translation>第一行不是标注框表格的表头</translation>
        </message>
        <message>
            <source>has two columns of one name</source>
            <translation>有两列同名</translation>
        </message>
        <message>
            <source>has {} values for {} columns</source>
            <translation>有 {} 个值，但有 {} 列</translation>
        </message>
        <message>
            <source>tells another size or split of {} than a line before it</source>
            <translation>所写的 {} 的尺寸或数据集与前面的行不同</translation>
        </message>
        <message>
            <source>has the split '{}'</source>
            <translation>所写的数据集为“{}”</translation>
        </message>
        <message>
            <source>'{}' is not a split</source>
            <translation>没有“{}”这个数据集</translation>
        </message>
        <message>
            <source>has no 'data' and 'annotations'</source>
            <translation>没有“data”和“annotations”</translation>
        </message>
        <message>
            <source>names its image by an address ({})</source>
            <translation>用网址指定图片（{}）</translation>
        </message>
        <message>
            <source>has an image of {} pixels</source>
            <translation>图片尺寸为 {} 像素</translation>
        </message>
        <message>
            <source>lies on an image that was turned</source>
            <translation>所在的图片被旋转过</translation>
        </message>
        <message>
            <source>has 'value' that is not an object</source>
            <translation>“value”不是对象</translation>
        </message>
        <message>
            <source>has no label</source>
            <translation>没有标签</translation>
        </message>
        <message>
            <source>has 'points' that are not pairs</source>
            <translation>“points”不是成对的</translation>
        </message>
        <message>
            <source>has a polygon that is not of finite numbers</source>
            <translation>多边形的坐标不是有限数</translation>
        </message>
        <message>
            <source>has a rectangle that is not of finite numbers</source>
            <translation>矩形的数值不是有限数</translation>
        </message>
        <message>
            <source>has 'points' that are not pairs of finite numbers</source>
            <translation>“points”不是成对的有限数</translation>
        </message>
        <message>
            <source>is a {} of {} points</source>
            <translation>是由 {1} 个点组成的 {0}</translation>
        </message>
        <message>
            <source>has a character that XML cannot hold</source>
            <translation>含有 XML 不能表示的字符</translation>
        </message>
        <message>
            <source>has no 'bndbox'</source>
            <translation>没有“bndbox”</translation>
        </message>
        <message>
            <source>is about &lt;{}&gt;, not &lt;annotation&gt;</source>
            <translation>内容是 &lt;{}&gt;，而不是 &lt;annotation&gt;</translation>
        </message>
        <message>
            <source>names {}, which stands in {}.txt too</source>
            <translation>写有 {}，而它也在 {}.txt 中</translation>
        </message>
        <message>
            <source>has 'kpt_shape': its labels are keypoints</source>
            <translation>有“kpt_shape”：其标签是关键点</translation>
        </message>
        <message>
            <source>has 'names' that are not numbered from 0 to {}</source>
            <translation>“names”没有按 0 到 {} 编号</translation>
        </message>
        <message>
            <source>has 'path' that is not a path</source>
            <translation>“path”不是路径</translation>
        </message>
        <message>
            <source>has a number that is not finite</source>
            <translation>含有不是有限数的数字</translation>
        </message>
        <message>
            <source>has no 'names' of classes</source>
            <translation>没有列出类别的“names”</translation>
        </message>
        <message>
            <source>has no train, val or test</source>
            <translation>没有 train、val 或 test</translation>
        </message>
        <message>
            <source>has the class index {}, but the data set names {} classes, counted from 0</source>
            <translation>类别序号为 {}，但数据集只有 {} 个类别，从 0 算起</translation>
        </message>
        <message>
            <source>has {} names, but says 'nc: {}'</source>
            <translation>有 {} 个名称，却写着“nc: {}”</translation>
        </message>
        <message>
            <source>has {} numbers</source>
            <translation>有 {} 个数字</translation>
        </message>
        <message>
            <source>holds no 'names' and 'train'</source>
            <translation>没有“names”和“train”</translation>
        </message>
        <message>
            <source>is not a line of numbers</source>
            <translation>不是一行数字</translation>
        </message>
        <message>
            <source>is the label file of {} and of {}</source>
            <translation>同时是 {} 和 {} 的标签文件</translation>
        </message>
        <message>
            <source>leads to no image that has a label file</source>
            <translation>没有指向任何有标签文件的图片</translation>
        </message>
        <message>
            <source>leads to what cannot be read ({})</source>
            <translation>指向无法读取的内容（{}）</translation>
        </message>
        <message>
            <source>may belong to any of {}</source>
            <translation>可能属于以下任何一张：{}</translation>
        </message>
        <message>
            <source>is in no format that can be told</source>
            <translation>无法判断其格式</translation>
        </message>
        <message>
            <source>can be read in {} ways: {}</source>
            <translation>有 {} 种读法：{}</translation>
        </message>
        <message>
            <source>was changed by another window meanwhile</source>
            <translation>期间被另一个窗口更改</translation>
        </message>
        <message>
            <source>has no labelled image to export</source>
            <translation>没有可导出的已标注图片</translation>
        </message>
        <message>
            <source>val {} and test {} leave no image to train on</source>
            <translation>验证 {}、测试 {} 之后没有图片可用于训练</translation>
        </message>
        <message>
            <source>has {} labelled images</source>
            <translation>有 {} 张已标注图片</translation>
        </message>
        <message>
            <source>has no labelled image</source>
            <translation>没有已标注的图片</translation>
        </message>
        <message>
            <source>has no labelled image in the split '{}'</source>
            <translation>数据集“{}”中没有已标注的图片</translation>
        </message>
        <message>
            <source>has no splits: it is no project</source>
            <translation>没有数据集划分：它不是项目</translation>
        </message>
        <message>
            <source>has labelled images in its val and test splits only</source>
            <translation>只有验证集和测试集中有已标注的图片</translation>
        </message>
        <message>
            <source>has no box to learn from</source>
            <translation>没有可供学习的框</translation>
        </message>
        <message>
            <source>has no class in common with the labels</source>
            <translation>与标注没有共同的类别</translation>
        </message>
        <message>
            <source>does not know the classes {}</source>
            <translation>不认识类别 {}</translation>
        </message>
        <message>
            <source>has no edge distributions, so there is nothing to sample</source>
            <translation>没有边分布，无法采样</translation>
        </message>
        <message>
            <source>cannot hold a run ({})</source>
            <translation>无法存放运行结果（{}）</translation>
        </message>
        <message>
            <source>does not fit its run ({})</source>
            <translation>与所属的运行不符（{}）</translation>
        </message>
        <message>
            <source>is not a run ({})</source>
            <translation>不是一次运行（{}）</translation>
        </message>
        <message>
            <source>is not a run that can be resumed</source>
            <translation>不是可以继续的运行</translation>
        </message>
        <message>
            <source>carries no foodet description</source>
            <translation>没有 foodet 的说明信息</translation>
        </message>
        <message>
            <source>does not fit the network it describes ({})</source>
            <translation>与它所描述的网络不符（{}）</translation>
        </message>
        <message>
            <source>does not fit the network that is to be trained</source>
            <translation>与要训练的网络不符</translation>
        </message>
        <message>
            <source>has a damaged description ({})</source>
            <translation>说明信息已损坏（{}）</translation>
        </message>
        <message>
            <source>holds a backbone and no detector</source>
            <translation>只有主干网络，没有检测器</translation>
        </message>
        <message>
            <source>is not a foodet weights file</source>
            <translation>不是 foodet 的权重文件</translation>
        </message>
        <message>
            <source>ONNX Runtime is not installed</source>
            <translation>未安装 ONNX Runtime</translation>
        </message>
        <message>
            <source>ONNX Runtime has no NMS for decoder=none</source>
            <translation>ONNX Runtime 没有 decoder=none 所需的 NMS</translation>
        </message>
        <message>
            <source>a file for ONNX Runtime pays from {} images on</source>
            <translation>从 {} 张图片起才值得为 ONNX Runtime 生成文件</translation>
        </message>
        <message>
            <source>needs {}</source>
            <translation>需要 {}</translation>
        </message>
        <message>
            <source>needs ONNX Runtime</source>
            <translation>需要 ONNX Runtime</translation>
        </message>
        <message>
            <source>does not hold the NMS that decoder=none needs</source>
            <translation>不支持 decoder=none 所需的 NMS</translation>
        </message>
        <message>
            <source>cannot be read as an ONNX file ({})</source>
            <translation>无法作为 ONNX 文件读取（{}）</translation>
        </message>
        <message>
            <source>does not compute what it describes ({})</source>
            <translation>计算结果与其说明不符（{}）</translation>
        </message>
    </context>
    <context>
        <name>remedy</name>
        <message>
            <source>Choose from: ghost, plain, snake.</source>
            <translation>请从以下选项中选择：ghost、plain、snake。</translation>
        </message>
        <message>
            <source>Choose one of: {}.</source>
            <translation>请选择其一：{}。</translation>
        </message>
        <message>
            <source>Correct the value.</source>
            <translation>请改正该值。</translation>
        </message>
        <message>
            <source>Give a value from {}.</source>
            <translation>请给出 {:part} 之间的值。</translation>
        </message>
        <message>
            <source>Give it a value.</source>
            <translation>请给它一个值。</translation>
        </message>
        <message>
            <source>Give one of them.</source>
            <translation>请只给其中一个。</translation>
        </message>
        <message>
            <source>Give {} or {}.</source>
            <translation>请改用 {} 或 {}。</translation>
        </message>
        <message>
            <source>Kinds are: {}.</source>
            <translation>可选的任务：{}。</translation>
        </message>
        <message>
            <source>Known are: {}.</source>
            <translation>已知的设置：{}。</translation>
        </message>
        <message>
            <source>Use auto or cpu.</source>
            <translation>请用 auto 或 cpu。</translation>
        </message>
        <message>
            <source>Give a multiple of {}.</source>
            <translation>请给出 {} 的倍数。</translation>
        </message>
        <message>
            <source>Lower the learning rate.</source>
            <translation>请降低学习率。</translation>
        </message>
        <message>
            <source>Train with decoder=detr and distribution_edges=on.</source>
            <translation>请用 decoder=detr 和 distribution_edges=on 训练。</translation>
        </message>
        <message>
            <source>After {} put one of: {}.</source>
            <translation>{} 之后请写以下之一：{}。</translation>
        </message>
        <message>
            <source>Set backbone={}NAME too, or start from other weights.</source>
            <translation>请同时设置 backbone={}NAME，或改用其他起点权重。</translation>
        </message>
        <message>
            <source>Go online, put a good {} into {}, or start from other weights.</source>
            <translation>请联网，或把完好的 {} 放进 {}，或改用其他起点权重。</translation>
        </message>
        <message>
            <source>Free some space there, or set TMPDIR to a folder on another disk.</source>
            <translation>请在那里腾出空间，或把 TMPDIR 设为另一块磁盘上的文件夹。</translation>
        </message>
        <message>
            <source>Check the folder given for the images.</source>
            <translation>请检查所给的图片文件夹。</translation>
        </message>
        <message>
            <source>Check the file and its disk.</source>
            <translation>请检查该文件及其所在的磁盘。</translation>
        </message>
        <message>
            <source>Check the folder and the space on its disk.</source>
            <translation>请检查该文件夹及其所在磁盘的空间。</translation>
        </message>
        <message>
            <source>Check the image and the space on the disk.</source>
            <translation>请检查该图片和磁盘空间。</translation>
        </message>
        <message>
            <source>Replace the file, or remove it from the folder.</source>
            <translation>请替换该文件，或把它移出文件夹。</translation>
        </message>
        <message>
            <source>Free some space or choose another folder.</source>
            <translation>请腾出空间，或选择另一个文件夹。</translation>
        </message>
        <message>
            <source>Choose another folder.</source>
            <translation>请选择另一个文件夹。</translation>
        </message>
        <message>
            <source>Choose a folder that can be written to.</source>
            <translation>请选择可写入的文件夹。</translation>
        </message>
        <message>
            <source>Choose a folder with room to write to.</source>
            <translation>请选择可写入且空间足够的文件夹。</translation>
        </message>
        <message>
            <source>Choose an empty folder, so that no picture is overwritten.</source>
            <translation>请选择空文件夹，以免覆盖图片。</translation>
        </message>
        <message>
            <source>Give a new or empty folder: nothing is written over.</source>
            <translation>请给一个新的或空的文件夹：不会覆盖任何内容。</translation>
        </message>
        <message>
            <source>Give the folder that holds the images.</source>
            <translation>请给出图片所在的文件夹。</translation>
        </message>
        <message>
            <source>Give image files, or folders of them.</source>
            <translation>请给出图片文件，或图片所在的文件夹。</translation>
        </message>
        <message>
            <source>Give 0 or more.</source>
            <translation>请给出不小于 0 的数。</translation>
        </message>
        <message>
            <source>Images end in {}.</source>
            <translation>支持的图片扩展名：{}。</translation>
        </message>
        <message>
            <source>Call it {}.foodet.</source>
            <translation>请命名为 {}.foodet。</translation>
        </message>
        <message>
            <source>Open it, or choose another name for the new project.</source>
            <translation>请直接打开它，或为新项目另取名称。</translation>
        </message>
        <message>
            <source>Give a folder NAME.foodet, or make a new project.</source>
            <translation>请给出名为 NAME.foodet 的文件夹，或新建项目。</translation>
        </message>
        <message>
            <source>Check that the project can be written to.</source>
            <translation>请检查项目是否可写入。</translation>
        </message>
        <message>
            <source>Connect the disk that it lies on, and open the project again.</source>
            <translation>请连接它所在的磁盘，然后重新打开项目。</translation>
        </message>
        <message>
            <source>Update foodet; the project was left as it is.</source>
            <translation>请更新 foodet；项目保持原样。</translation>
        </message>
        <message>
            <source>Wait until that is done or close the other window, then try again; nothing of this change was written.</source>
            <translation>请等它完成或关闭另一个窗口，然后重试；这次更改没有写入任何内容。</translation>
        </message>
        <message>
            <source>Free some space, then try again; nothing of this change was written.</source>
            <translation>请腾出空间，然后重试；这次更改没有写入任何内容。</translation>
        </message>
        <message>
            <source>Restore project.db from a backup.</source>
            <translation>请用备份恢复 project.db。</translation>
        </message>
        <message>
            <source>Check that the folder exists and can be written to, and that its disk works.</source>
            <translation>请检查该文件夹是否存在、是否可写入，以及所在磁盘是否正常。</translation>
        </message>
        <message>
            <source>Make the class names unique.</source>
            <translation>请让类别名称互不相同。</translation>
        </message>
        <message>
            <source>Give the class a name.</source>
            <translation>请给类别取名。</translation>
        </message>
        <message>
            <source>Check the path of the annotation file.</source>
            <translation>请检查标注文件的路径。</translation>
        </message>
        <message>
            <source>Correct the file, or export it again.</source>
            <translation>请改正该文件，或重新导出。</translation>
        </message>
        <message>
            <source>It may be cut off: export or download it again.</source>
            <translation>文件可能不完整：请重新导出或下载。</translation>
        </message>
        <message>
            <source>Save or export it in UTF-8.</source>
            <translation>请以 UTF-8 保存或导出。</translation>
        </message>
        <message>
            <source>Write a finite number or null.</source>
            <translation>请写有限的数或 null。</translation>
        </message>
        <message>
            <source>Name every class and every image once.</source>
            <translation>每个类别、每张图片只应写一次。</translation>
        </message>
        <message>
            <source>Give the folder that the file names in {} are relative to.</source>
            <translation>请给出 {} 中文件名所相对的文件夹。</translation>
        </message>
        <message>
            <source>Correct the name.</source>
            <translation>请改正该名称。</translation>
        </message>
        <message>
            <source>Rename the class.</source>
            <translation>请重命名该类别。</translation>
        </message>
        <message>
            <source>Rename the class or the file.</source>
            <translation>请重命名该类别或文件。</translation>
        </message>
        <message>
            <source>Write the size of the image.</source>
            <translation>请写上图片的尺寸。</translation>
        </message>
        <message>
            <source>Correct the box, or remove the annotation.</source>
            <translation>请改正该框，或删除该标注。</translation>
        </message>
        <message>
            <source>Give it a positive width and height, or remove the annotation.</source>
            <translation>请给出正的宽和高，或删除该标注。</translation>
        </message>
        <message>
            <source>Correct the box or the size of the image, or remove the annotation.</source>
            <translation>请改正该框或图片的尺寸，或删除该标注。</translation>
        </message>
        <message>
            <source>Its boxes would be misplaced: export them for the image as it is shown, with its EXIF orientation applied.</source>
            <translation>框的位置会错：请按图片显示的方向（已应用 EXIF 方向）重新导出。</translation>
        </message>
        <message>
            <source>Give the folder of the annotation files.</source>
            <translation>请给出标注文件所在的文件夹。</translation>
        </message>
        <message>
            <source>Give a COCO data set, not a result file.</source>
            <translation>请给出 COCO 数据集，而不是结果文件。</translation>
        </message>
        <message>
            <source>Give every image its own id.</source>
            <translation>请让每张图片有自己的 id。</translation>
        </message>
        <message>
            <source>Give every annotation its own id.</source>
            <translation>请让每个标注有自己的 id。</translation>
        </message>
        <message>
            <source>Give every category its own id.</source>
            <translation>请让每个类别有自己的 id。</translation>
        </message>
        <message>
            <source>Give the category a name.</source>
            <translation>请给该类别取名。</translation>
        </message>
        <message>
            <source>Add it to '{}', or remove the annotation.</source>
            <translation>请把它加入“{}”，或删除该标注。</translation>
        </message>
        <message>
            <source>Write it as [left, top, width, height] in pixels.</source>
            <translation>请以像素写成 [左, 上, 宽, 高]。</translation>
        </message>
        <message>
            <source>Its first line must name the columns {}, of which width and height may be missing.</source>
            <translation>第一行必须写明各列 {}，其中 width 和 height 可以没有。</translation>
        </message>
        <message>
            <source>Splits are: {}, or nothing.</source>
            <translation>数据集有：{}，或留空。</translation>
        </message>
        <message>
            <source>Splits are: {}.</source>
            <translation>数据集有：{}。</translation>
        </message>
        <message>
            <source>Correct the line.</source>
            <translation>请改正该行。</translation>
        </message>
        <message>
            <source>Correct the lines of this image.</source>
            <translation>请改正这张图片的各行。</translation>
        </message>
        <message>
            <source>Export the project from Label Studio as JSON (not JSON-MIN).</source>
            <translation>请从 Label Studio 以 JSON（不是 JSON-MIN）导出项目。</translation>
        </message>
        <message>
            <source>Nothing is downloaded: put the images into a folder, and write their names there.</source>
            <translation>不会下载任何内容：请把图片放进文件夹，并在那里写上它们的名称。</translation>
        </message>
        <message>
            <source>Write the size of the image, the same in each result.</source>
            <translation>请写上图片的尺寸，各条结果要一致。</translation>
        </message>
        <message>
            <source>Turn it back in Label Studio, and export again.</source>
            <translation>请在 Label Studio 中把它转回来，再重新导出。</translation>
        </message>
        <message>
            <source>Label the region, or remove it.</source>
            <translation>请给该区域加标签，或删除它。</translation>
        </message>
        <message>
            <source>Give labelme's files alone.</source>
            <translation>请只给 labelme 的文件。</translation>
        </message>
        <message>
            <source>Give a folder of Pascal VOC files alone.</source>
            <translation>请给一个只有 Pascal VOC 文件的文件夹。</translation>
        </message>
        <message>
            <source>Name each image in one split.</source>
            <translation>每张图片只应归入一个数据集。</translation>
        </message>
        <message>
            <source>Add the class at the end of 'names', or correct the index.</source>
            <translation>请在“names”末尾添加该类别，或改正序号。</translation>
        </message>
        <message>
            <source>Check its path, train, val and test, and that labels/ lies beside images/.</source>
            <translation>请检查其中的 path、train、val 和 test，以及 labels/ 是否与 images/ 并列。</translation>
        </message>
        <message>
            <source>Check path, train, val and test.</source>
            <translation>请检查 path、train、val 和 test。</translation>
        </message>
        <message>
            <source>Correct the path, or remove the line.</source>
            <translation>请改正该路径，或删除该行。</translation>
        </message>
        <message>
            <source>Export the data set for detection.</source>
            <translation>请以检测任务导出该数据集。</translation>
        </message>
        <message>
            <source>Give every class index its name.</source>
            <translation>请给每个类别序号写上名称。</translation>
        </message>
        <message>
            <source>Give the data.yaml of a YOLO data set.</source>
            <translation>请给出 YOLO 数据集的 data.yaml。</translation>
        </message>
        <message>
            <source>List the class names, in the order of their index.</source>
            <translation>请按序号列出类别名称。</translation>
        </message>
        <message>
            <source>Name a folder of images for each split there is.</source>
            <translation>请为每个数据集写上图片文件夹。</translation>
        </message>
        <message>
            <source>Name every class once.</source>
            <translation>每个类别只应写一次。</translation>
        </message>
        <message>
            <source>Rename all but one of the images.</source>
            <translation>请只保留其中一张的名称，重命名其余图片。</translation>
        </message>
        <message>
            <source>Rename one of the images, and give it a label file.</source>
            <translation>请重命名其中一张图片，并给它一个标签文件。</translation>
        </message>
        <message>
            <source>Write a folder, or a list of folders.</source>
            <translation>请写一个文件夹，或文件夹列表。</translation>
        </message>
        <message>
            <source>Write a line as: class x_center y_center width height, the last four as shares of the image from 0 to 1.</source>
            <translation>每行请写成：class x_center y_center width height，后四项为相对图片的比例，从 0 到 1。</translation>
        </message>
        <message>
            <source>Write one folder, or leave it away.</source>
            <translation>请写一个文件夹，或省略它。</translation>
        </message>
        <message>
            <source>Give its format: {}.</source>
            <translation>请指定格式：{}。</translation>
        </message>
        <message>
            <source>Formats are: {}.</source>
            <translation>可用的格式：{}。</translation>
        </message>
        <message>
            <source>Give one of them, and its format.</source>
            <translation>请选择其一，并指定格式。</translation>
        </message>
        <message>
            <source>Import again.</source>
            <translation>请重新导入。</translation>
        </message>
        <message>
            <source>Draw boxes and mark images as done.</source>
            <translation>请画框，并将图片标记为已完成。</translation>
        </message>
        <message>
            <source>Give shares below 1 together.</source>
            <translation>两者之和请小于 1。</translation>
        </message>
        <message>
            <source>Label at least 2: one is held out to measure on.</source>
            <translation>请至少标注 2 张：其中一张留作验证。</translation>
        </message>
        <message>
            <source>Draw boxes and mark images as done, or import annotations.</source>
            <translation>请画框并将图片标记为已完成，或导入标注。</translation>
        </message>
        <message>
            <source>Leave the split away, or import the annotations into a project.</source>
            <translation>请不要指定数据集，或把标注导入项目。</translation>
        </message>
        <message>
            <source>Label some for training too.</source>
            <translation>请也标注一些用于训练的图片。</translation>
        </message>
        <message>
            <source>Draw boxes on images to train on, or import annotations.</source>
            <translation>请在用于训练的图片上画框，或导入标注。</translation>
        </message>
        <message>
            <source>Known there are {}; in the labels {}.</source>
            <translation>它认识的是 {}；标注中的是 {}。</translation>
        </message>
        <message>
            <source>Train with these classes first, then fine-tune that run.</source>
            <translation>请先用这些类别训练，再微调那次运行。</translation>
        </message>
        <message>
            <source>Choose another folder for the run, or `foodet resume` it.</source>
            <translation>请为这次运行选择另一个文件夹，或用 `foodet resume` 继续它。</translation>
        </message>
        <message>
            <source>Give the folder of a training or fine-tuning.</source>
            <translation>请给出训练或微调的文件夹。</translation>
        </message>
        <message>
            <source>Start the training anew.</source>
            <translation>请重新开始训练。</translation>
        </message>
        <message>
            <source>Choose its preset, or other weights.</source>
            <translation>请选择与它相同的模型，或其他权重。</translation>
        </message>
        <message>
            <source>Give a weights file (.safetensors), a run folder or an exported file (.onnx) that foodet wrote.</source>
            <translation>请给出 foodet 写的权重文件（.safetensors）、运行文件夹或导出文件（.onnx）。</translation>
        </message>
        <message>
            <source>Train one that starts from it: foodet train --weights.</source>
            <translation>请以它为起点训练一个检测器：foodet train --weights。</translation>
        </message>
        <message>
            <source>Run: pip install 'foodet[export]'</source>
            <translation>请运行：pip install 'foodet[export]'</translation>
        </message>
        <message>
            <source>Export a detector trained with decoder=detr.</source>
            <translation>请导出用 decoder=detr 训练的检测器。</translation>
        </message>
        <message>
            <source>Write it again with `foodet export-model`.</source>
            <translation>请用 `foodet export-model` 重新导出。</translation>
        </message>
    </context>
    <context>
        <name>remark</name>
        <message>
            <source>Images whose crowd regions are left out</source>
            <translation>含有群体（crowd）区域的图片，这些区域已略过</translation>
        </message>
        <message>
            <source>Outlines turned into the box around them</source>
            <translation>轮廓已转换为其外接框</translation>
        </message>
        <message>
            <source>Points and lines, left out</source>
            <translation>点和线，已略过</translation>
        </message>
        <message>
            <source>Images of which nothing is left, left out</source>
            <translation>没有剩下任何内容的图片，已略过</translation>
        </message>
        <message>
            <source>Classes that the file has no place for, since no box has them</source>
            <translation>没有框、因而无法写入文件的类别</translation>
        </message>
        <message>
            <source>Columns that are not kept</source>
            <translation>未保留的列</translation>
        </message>
        <message>
            <source>Regions of several labels, which became a box for each</source>
            <translation>有多个标签的区域，已为每个标签生成一个框</translation>
        </message>
        <message>
            <source>Results of the type {}, left out</source>
            <translation>类型为 {} 的结果，已略过</translation>
        </message>
        <message>
            <source>Tasks of several annotations, of which the ground truth or else the last was taken</source>
            <translation>有多份标注的任务，已取基准标注，没有时取最后一份</translation>
        </message>
        <message>
            <source>Tasks whose cancelled annotations are left out</source>
            <translation>含有已取消标注的任务，这些标注已略过</translation>
        </message>
        <message>
            <source>Tasks whose other data is not kept</source>
            <translation>含有其他数据的任务，这些数据未保留</translation>
        </message>
        <message>
            <source>Tasks whose predictions are left out</source>
            <translation>含有预测的任务，预测已略过</translation>
        </message>
        <message>
            <source>Tasks without a completed annotation, left out</source>
            <translation>没有已完成标注的任务，已略过</translation>
        </message>
        <message>
            <source>Corners below 1, so that those of the whole set count from 0</source>
            <translation>小于 1 的角点，因此整份标注的角点按从 0 起算</translation>
        </message>
        <message>
            <source>Files whose &lt;{}&gt; is not kept</source>
            <translation>含有 &lt;{}&gt; 的文件，该内容未保留</translation>
        </message>
        <message>
            <source>Objects whose &lt;{}&gt; is not kept</source>
            <translation>含有 &lt;{}&gt; 的对象，该内容未保留</translation>
        </message>
        <message>
            <source>Folders sought without their leading ../, as Ultralytics does</source>
            <translation>按 Ultralytics 的方式去掉开头的 ../ 后查找的文件夹</translation>
        </message>
        <message>
            <source>Images of no split, which data.yaml names neither as train nor as val</source>
            <translation>未分集的图片，data.yaml 既未将其列为 train 也未列为 val</translation>
        </message>
        <message>
            <source>Images of several splits, which keep the first</source>
            <translation>属于多个数据集的图片，已归入第一个</translation>
        </message>
        <message>
            <source>Images without a label file, left out as unlabelled</source>
            <translation>没有标签文件的图片，已按未标注略过</translation>
        </message>
        <message>
            <source>Label files without an image, left out</source>
            <translation>没有图片的标签文件，已略过</translation>
        </message>
        <message>
            <source>Parts that {} names and that are not there</source>
            <translation>{} 中写有但不存在的部分</translation>
        </message>
        <message>
            <source>Paths of {} that are none here, so that its own folder was taken</source>
            <translation>{} 中在此处无效的路径，已改用它自己的文件夹</translation>
        </message>
        <message>
            <source>Copies of the project's images, whose boxes went to the originals</source>
            <translation>项目图片的副本，其框已归入原图</translation>
        </message>
        <message>
            <source>Images moved to the split that the file says</source>
            <translation>已按文件所写改换数据集的图片</translation>
        </message>
    </context>
    <context>
        <name>part</name>
        <message>
            <source>{} and {} more</source>
            <translation>{} 等，另有 {} 个</translation>
        </message>
        <message>
            <source>1 image</source>
            <translation>1 张图片</translation>
        </message>
        <message>
            <source>{} images</source>
            <translation>{} 张图片</translation>
        </message>
        <message>
            <source>{} to {}</source>
            <translation>{} 到 {}</translation>
        </message>
        <message>
            <source>{} of {} classes known</source>
            <translation>{1} 个类别中认识 {0} 个</translation>
        </message>
    </context>
</TS>
